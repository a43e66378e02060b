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

export type Value = string | number | boolean | null | Reference | readonly Value[] | { readonly [key: string]: Value };
