/** Something that reads bytes from elsewhere. */
export type Target = {
  readonly name: string;
  /** Valid inputs, of which the others are made. */
  readonly inputs: () => Promise<readonly Uint8Array[]>;
  /** Reads it. May throw a LifeboatError of any code but `internal`; anything else is a finding. */
  readonly read: (input: Uint8Array) => unknown;
  /** Which share of the cases this target gets, by how long one takes. */
  readonly weight: number;
  /** How long one case may take, ms. */
  readonly mostMs: number;
};
