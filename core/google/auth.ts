import { LifeboatError } from '../lib/errors.ts';

const HINT =
  'On Google Cloud the identity of the function is used. Elsewhere set GOOGLE_APPLICATION_CREDENTIALS to the key of a service account, or impersonate one: gcloud auth application-default login --impersonate-service-account=NAME.';

/**
 * ID tokens of the identity that this runs as. `audience` is the origin of a Cloud Run service, or
 * the client id of an IAP resource. Throws `config_invalid` where there is no such identity,
 * `source_unreachable` where Google does not answer.
 */
export function createIdTokens(): (audience: string) => Promise<string> {
  // The library keeps a token until shortly before it ends.
  const clients = new Map<string, Promise<{ getRequestHeaders(): Promise<Headers> }>>();
  const clientFor = async (audience: string) => {
    const { GoogleAuth } = await import('google-auth-library');
    return new GoogleAuth().getIdTokenClient(audience);
  };
  return async (audience) => {
    const client = clients.get(audience) ?? clientFor(audience);
    clients.set(audience, client);
    try {
      const header = (await (await client).getRequestHeaders()).get('authorization') ?? '';
      const [, token] = /^Bearer (\S+)$/.exec(header) ?? [];
      if (token === undefined) throw new Error('the library gave no token');
      return token;
    } catch (cause) {
      clients.delete(audience);
      throw failureOf(cause, audience);
    }
  };
}

function failureOf(error: unknown, audience: string): LifeboatError {
  const text = error instanceof Error ? error.message : String(error);
  // The library's error holds the whole request, with what it signed.
  const cause = new Error(text);
  const about = `no ID token for ${audience}`;
  if (/Could not load the default credentials/i.test(text))
    return new LifeboatError(
      'config_invalid',
      `${about}: there are no Google credentials here`,
      HINT,
      { cause },
    );
  if (/Cannot fetch ID token in this environment/i.test(text))
    return new LifeboatError(
      'config_invalid',
      `${about}: credentials of this kind make none`,
      HINT,
      { cause },
    );
  if (/ENOENT|does not exist|not a file|Unexpected token|not valid JSON|JSON/i.test(text))
    return new LifeboatError(
      'config_invalid',
      `${about}: the file in GOOGLE_APPLICATION_CREDENTIALS cannot be used`,
      HINT,
      { cause },
    );
  return new LifeboatError(
    'source_unreachable',
    `${about}: Google gives none`,
    'Check the network to Google, and that the service account exists and may make ID tokens; then run it again.',
    { cause },
  );
}
