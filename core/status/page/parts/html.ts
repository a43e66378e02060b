import { escapeHtml, visible } from '../../../lib/text/text.ts';

/**
 * Text that is already markup. Only `html` and `literal` create it, so no other value passes for
 * markup.
 */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type Part = Markup | string | number | null | undefined | false | readonly Part[];
const denseStrings = new WeakMap<TemplateStringsArray, readonly string[]>();

/**
 * Markup with values. Every value is escaped for text and for quoted attributes unless it is markup
 * itself; lists are joined, and `null`, `undefined` and `false` leave nothing.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    denseOf(strings).reduce(
      (text, each, n) => text + each + (n < parts.length ? render(parts[n]) : ''),
      '',
    ),
  );
}

/**
 * A constant of this program, such as a style sheet or a drawing. Never pass a value from outside.
 */
export function literal(text: string): Markup {
  return new Markup(text);
}

function denseOf(strings: TemplateStringsArray): readonly string[] {
  const texts = denseStrings.get(strings) ?? strings.map(dense);
  denseStrings.set(strings, texts);
  return texts;
}

// A line break in a template and the indentation around it become one space, as in HTML itself, and
// nothing before the end of a tag.
function dense(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/ (\/?>)/g, '$1');
}

function render(part: Part): string {
  if (part instanceof Markup) return part.toString();
  if (part === null || part === undefined || part === false) return '';
  if (Array.isArray(part)) return part.map((each: Part) => render(each)).join('');
  // Without invisible characters: one name must not look like another.
  return escapeHtml(visible(String(part), '\uFFFD'));
}
