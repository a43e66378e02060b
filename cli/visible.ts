// The colours that this program prints itself; a name that contains one can do no harm with it.
const OWN_COLOURS = String.raw`\u001B\[(?:0|3[1-3]|39)m`;
const COLOUR = new RegExp(OWN_COLOURS, 'g');
const ALL_VISIBLE = /^[ -~]*$/;
// Control characters but tab and line feed, line separators, and marks that reorder text.
const UNSAFE = new RegExp(
  String.raw`(${OWN_COLOURS})|[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]`,
  'g',
);

/**
 * The text with control characters written out (`\u001b`): names come from databases, stores and
 * servers, and must not steer the terminal. JSON keeps its meaning.
 */
export function visibleOutput(text: string): string {
  return text.replace(
    UNSAFE,
    (character, colour: string | undefined) =>
      colour ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** How many columns a text takes on the terminal, without its colours. */
export function visibleWidth(text: string): number {
  // Most cells are plain, and a query may have millions of them.
  return ALL_VISIBLE.test(text) ? text.length : visibleOutput(text).replaceAll(COLOUR, '').length;
}
