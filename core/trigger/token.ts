type Claims = {
  readonly email?: unknown;
  readonly sub?: unknown;
  readonly aud?: unknown;
  readonly exp?: unknown;
};

/** The identity and audience of a token, to explain a refusal. Never contains the token. */
export function describeToken(token: string | undefined, expected: string): string {
  if (token === undefined) return 'no token.';
  const { email, sub, aud } = claimsOf(token);
  const audience = claimText(aud);
  const differs =
    audience !== undefined && audience !== expected
      ? `; the function expects ${expected}, which only a service account can set (use --audience for another one)`
      : '';
  return `a token of ${claimText(email) ?? claimText(sub) ?? 'an unknown identity'} for the audience ${audience ?? 'unknown'}${differs}.`;
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

function claimText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
}
