import { templatePieces, tokenize, type Piece, type Token } from './tokens.ts';

export type Node =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'template'; readonly parts: readonly Node[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly of: Node; readonly key: Node }
  | { readonly kind: 'splat'; readonly of: Node; readonly each: Node }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'tuple'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly items: readonly (readonly [Node, Node])[] }
  | {
      readonly kind: 'for';
      readonly names: readonly string[];
      readonly over: Node;
      readonly key?: Node;
      readonly value: Node;
      readonly only?: Node;
    }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Node }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Node;
      readonly right: Node;
    }
  | { readonly kind: 'conditional'; readonly test: Node; readonly yes: Node; readonly no: Node };

const LEVELS = [['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['+', '-'], ['*', '/', '%']];
const CONSTANTS: Readonly<Record<string, boolean | null>> = {
  true: true,
  false: false,
  null: null,
};
/** The element of a splat, under a name that no source file can contain. */
export const SPLAT = '*';

class Parser {
  readonly #tokens: readonly Token[];
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  whole(): Node {
    const node = this.#expression();
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return node;
  }

  #unexpected(): Error {
    return new Error(
      `unexpected ${JSON.stringify(this.#tokens[this.#at] ?? 'end')} in ${this.#source}`,
    );
  }

  #is(...texts: string[]): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && 'text' in token && texts.includes(token.text);
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at += 1;
    return true;
  }

  #need(text: string): void {
    if (!this.#take(text)) throw this.#unexpected();
  }

  #name(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'name') throw this.#unexpected();
    this.#at += 1;
    return token.text;
  }

  #expression(): Node {
    const test = this.#binary(0);
    if (!this.#take('?')) return test;
    const yes = this.#expression();
    this.#need(':');
    return { kind: 'conditional', test, yes, no: this.#expression() };
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.#take(each));
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Node {
    for (const operator of ['!', '-'])
      if (this.#take(operator)) return { kind: 'unary', operator, of: this.#unary() };
    return this.#steps(this.#primary());
  }

  #steps(start: Node): Node {
    let node = start;
    for (;;) {
      if (this.#take('.'))
        node = { kind: 'index', of: node, key: { kind: 'literal', value: this.#name() } };
      else if (this.#take('[')) {
        if (this.#take('*')) {
          this.#need(']');
          return { kind: 'splat', of: node, each: this.#steps({ kind: 'name', name: SPLAT }) };
        }
        node = { kind: 'index', of: node, key: this.#expression() };
        this.#need(']');
      } else return node;
    }
  }

  #primary(): Node {
    const token = this.#tokens[this.#at];
    if (token?.kind === 'number' || token?.kind === 'string') {
      this.#at += 1;
      return token.kind === 'number'
        ? { kind: 'literal', value: token.value }
        : template(token.pieces);
    }
    if (this.#take('(')) {
      const node = this.#expression();
      this.#need(')');
      return node;
    }
    if (this.#take('['))
      return this.#is('for') ? this.#for(']') : { kind: 'tuple', items: this.#list(']') };
    if (this.#take('{')) return this.#is('for') ? this.#for('}') : this.#object();
    const name = this.#name();
    if (this.#take('(')) return { kind: 'call', name, args: this.#list(')') };
    const constant = CONSTANTS[name];
    return constant === undefined ? { kind: 'name', name } : { kind: 'literal', value: constant };
  }

  #list(end: string): Node[] {
    const items: Node[] = [];
    while (!this.#take(end)) {
      items.push(this.#expression());
      if (!this.#is(end)) this.#need(',');
    }
    return items;
  }

  #object(): Node {
    const items: [Node, Node][] = [];
    while (!this.#take('}')) {
      const key = this.#expression();
      if (!this.#take('=')) this.#need(':');
      items.push([
        key.kind === 'name' ? { kind: 'literal', value: key.name } : key,
        this.#expression(),
      ]);
      this.#take(',');
    }
    return { kind: 'object', items };
  }

  #for(end: string): Node {
    this.#need('for');
    const names = [this.#name()];
    if (this.#take(',')) names.push(this.#name());
    this.#need('in');
    const over = this.#expression();
    this.#need(':');
    const first = this.#expression();
    const value = end === '}' ? (this.#need('=>'), this.#expression()) : first;
    const only = this.#take('if') ? this.#expression() : undefined;
    this.#need(end);
    return {
      kind: 'for',
      names,
      over,
      value,
      ...(end === '}' && { key: first }),
      ...(only && { only }),
    };
  }
}

const template = (pieces: readonly Piece[]): Node => {
  const parts = pieces.map((piece): Node =>
    'literal' in piece
      ? { kind: 'literal', value: piece.literal }
      : new Parser(piece.source).whole(),
  );
  const [only] = parts;
  // "${x}" is x itself, whatever its type.
  return parts.length === 1 && only
    ? only
    : parts.length === 0
      ? { kind: 'literal', value: '' }
      : { kind: 'template', parts };
};

/** An attribute's string from the block parser: text with `${…}` in it. */
export const parseTemplate = (text: string): Node => template(templatePieces(text));

/** Every node of an expression, starting with the expression itself. */
export const nodesOf = (node: Node): Node[] => {
  const inside: readonly (Node | undefined)[] =
    node.kind === 'template'
      ? node.parts
      : node.kind === 'index'
        ? [node.of, node.key]
        : node.kind === 'splat'
          ? [node.of, node.each]
          : node.kind === 'call'
            ? node.args
            : node.kind === 'tuple'
              ? node.items
              : node.kind === 'object'
                ? node.items.flat()
                : node.kind === 'for'
                  ? [node.over, node.key, node.value, node.only]
                  : node.kind === 'unary'
                    ? [node.of]
                    : node.kind === 'binary'
                      ? [node.left, node.right]
                      : node.kind === 'conditional'
                        ? [node.test, node.yes, node.no]
                        : [];
  return [node, ...inside.flatMap((each) => (each ? nodesOf(each) : []))];
};
