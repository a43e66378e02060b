export type Token =
  | { readonly kind: 'number'; readonly value: number }
  /** Literal pieces, and the source of each `${…}` between them. */
  | { readonly kind: 'string'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'name' | 'mark'; readonly text: string };
export type Piece = { readonly literal: string } | { readonly source: string };

const MARKS = [
  '...',
  '=>',
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  ...'{ } [ ] ( ) < > + - * / % ! ? : , . ='.split(' '),
];
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** The end of the expression that starts at `from`, behind its `}`. Strings inside may contain braces. */
const endOfSource = (text: string, from: number): number => {
  let depth = 1;
  let at = from;
  while (at < text.length) {
    const char = text[at];
    if (char === '"') at = scanString(text, at + 1).end;
    else {
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
      at += 1;
      if (depth === 0) return at;
    }
  }
  throw new Error(`\${ without } in ${text}`);
};

/** The pieces of a template. Inside quotes (`quoted`) there are escapes and a quote ends it; elsewhere the block parser has already resolved escapes. */
const scan = (text: string, from: number, quoted: boolean): { pieces: Piece[]; end: number } => {
  const pieces: Piece[] = [];
  let literal = '';
  let at = from;
  while (at < text.length) {
    if (text.startsWith('$${', at)) {
      literal += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const end = endOfSource(text, at + 2);
      pieces.push({ literal }, { source: text.slice(at + 2, end - 1) });
      literal = '';
      at = end;
    } else if (quoted && text[at] === '\\') {
      const escape = ESCAPES[text[at + 1] ?? ''];
      if (escape === undefined) throw new Error(`unknown escape in ${text}`);
      literal += escape;
      at += 2;
    } else if (quoted && text[at] === '"') {
      return {
        pieces: [...pieces, { literal }].filter(
          (piece) => !('literal' in piece) || piece.literal !== '',
        ),
        end: at + 1,
      };
    } else {
      literal += text[at];
      at += 1;
    }
  }
  if (quoted) throw new Error(`a string without an end in ${text}`);
  return {
    pieces: [...pieces, { literal }].filter(
      (piece) => !('literal' in piece) || piece.literal !== '',
    ),
    end: at,
  };
};

const scanString = (text: string, from: number): { pieces: Piece[]; end: number } =>
  scan(text, from, true);

/** The pieces of a string that comes from the block parser. */
export const templatePieces = (text: string): Piece[] => scan(text, 0, false).pieces;

export const tokenize = (source: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const space = /^(\s+|#[^\n]*|\/\/[^\n]*)/.exec(rest)?.[0];
    const number = /^\d+(\.\d+)?/.exec(rest)?.[0];
    const name = /^[A-Za-z_][A-Za-z0-9_-]*/.exec(rest)?.[0];
    if (space !== undefined) at += space.length;
    else if (rest.startsWith('"')) {
      const { pieces, end } = scanString(source, at + 1);
      tokens.push({ kind: 'string', pieces });
      at = end;
    } else if (number !== undefined) {
      tokens.push({ kind: 'number', value: Number(number) });
      at += number.length;
    } else if (name !== undefined) {
      tokens.push({ kind: 'name', text: name });
      at += name.length;
    } else {
      const mark = MARKS.find((each) => rest.startsWith(each));
      if (mark === undefined) throw new Error(`unexpected ${rest.slice(0, 20)} in ${source}`);
      tokens.push({ kind: 'mark', text: mark });
      at += mark.length;
    }
  }
  return tokens;
};
