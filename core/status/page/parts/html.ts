import { escapeHtml, visible } from '../../../lib/text.ts';

/** Text that is markup already. Only `html` and `literal` make it, so what comes from elsewhere cannot pass for it. */
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
const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/**
 * Markup with values in it. Every value is escaped for text and for quoted attributes unless it is markup itself; lists are joined, and `null`,
 * `undefined` and `false` are nothing.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    denseOf(strings).reduce(
      (text, each, n) => text + each + (n < parts.length ? render(parts[n]) : ''),
      '',
    ),
  );
}

/** A constant of the program, such as a style sheet or the path of a drawing. Never anything that came from outside. */
export function literal(text: string): Markup {
  return new Markup(text);
}

function denseOf(strings: TemplateStringsArray): readonly string[] {
  const texts = known.get(strings) ?? strings.map(dense);
  known.set(strings, texts);
  return texts;
}

// The layout of a template is for its reader: a break with what stands around it is one space, which HTML makes of it anyway, and none in a tag's end.
function dense(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/ (\/?>)/g, '$1');
}

function render(part: Part): string {
  if (part instanceof Markup) return part.toString();
  if (part === null || part === undefined || part === false) return '';
  if (Array.isArray(part)) return part.map((each: Part) => render(each)).join('');
  // A name must not look like another.
  return escapeHtml(visible(String(part), '\uFFFD'));
}
