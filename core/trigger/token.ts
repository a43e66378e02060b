type Claims = {
  readonly email?: unknown;
  readonly sub?: unknown;
  readonly aud?: unknown;
  readonly exp?: unknown;
};

/**
 * Whose token it is and for whom, so that a refusal can be understood. The token itself is not in
 * it.
 */
export function describeToken(token: string | undefined, wanted: string): string {
  if (token === undefined) return 'no token.';
  const { email, sub, aud } = claimsOf(token);
  const audience = shown(aud);
  const differs =
    audience !== undefined && audience !== wanted
      ? `; ${wanted} was expected, which only tokens of a service account can name (set the other with --audience)`
      : '';
  return `a token of ${shown(email) ?? shown(sub) ?? 'an unknown identity'} for the audience ${audience ?? 'unknown'}${differs}.`;
}

function claimsOf(token: string): Claims {
  try {
    return JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'),
    ) as Claims;
  } catch {
    return {};
  }
}

function shown(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
}
