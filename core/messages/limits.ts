// Apart from the schemas, which take a tenth of a second to load: a function needs only these before
// its first request.

/** A message or a request's body is a few names; more is a mistake or an attack. */
export const MAX_BYTES = 65_536;

export const BODY_EXAMPLE =
  'The body is JSON like {"database": "shop", "reason": "schedule", "kind": "auto"}; reason and kind may be left out.';
