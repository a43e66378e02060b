/** A value that is known only after an apply, named by the path to it: `google_service_account.function["backup"].email`. */
export class Reference {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  toJSON(): string {
    return `<${this.path}>`;
  }
}

/** A value as a template prints it. Throws when it has no text form. */
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
