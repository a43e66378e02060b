/** Something that only an apply would know, named by the way to it: `google_service_account.function["backup"].email`. */
export class Reference {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  toJSON(): string {
    return `<${this.path}>`;
  }
}

/** Text, as a template shows it. Throws for what is none. */
export const textOf = (value: Value | undefined): string => {
  if (value instanceof Reference) return value.path;
  if (value === undefined || value === null || typeof value === 'object')
    throw new Error(`${JSON.stringify(value)} is no text`);
  return String(value);
};

export type Value =
  | string
  | number
  | boolean
  | null
  | Reference
  | readonly Value[]
  | { readonly [key: string]: Value };
