import { LifeboatError } from '../lib/errors.ts';

const CREDENTIALS_HINT =
  'On Google Cloud, Lifeboat uses the identity of the function. Elsewhere, set GOOGLE_APPLICATION_CREDENTIALS to the key of a service account, or impersonate one: `gcloud auth application-default login --impersonate-service-account=NAME`.';

/**
 * Creates ID tokens of the identity that runs this process. `audience` is the origin of a Cloud Run
 * service, or the client ID of an IAP resource. Throws `config_invalid` without such an identity, and
 * `source_unreachable` when Google does not answer.
 */
export function createIdTokens(): (audience: string) => Promise<string> {
  // The library caches a token until shortly before it expires.
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
      if (token === undefined) throw new Error('the library returned no token');
      return token;
    } catch (cause) {
      clients.delete(audience);
      throw tokenFailure(cause, audience);
    }
  };
}

function tokenFailure(error: unknown, audience: string): LifeboatError {
  const text = error instanceof Error ? error.message : String(error);
  // The library's error contains the whole request, with its signed credentials.
  const cause = new Error(text);
  const about = `no ID token for ${audience}`;
  if (/Could not load the default credentials/i.test(text))
    return new LifeboatError(
      'config_invalid',
      `${about}: there are no Google credentials here`,
      CREDENTIALS_HINT,
      { cause },
    );
  if (/Cannot fetch ID token in this environment/i.test(text))
    return new LifeboatError(
      'config_invalid',
      `${about}: credentials of this kind cannot create one`,
      CREDENTIALS_HINT,
      { cause },
    );
  if (/ENOENT|does not exist|not a file|Unexpected token|not valid JSON|JSON/i.test(text))
    return new LifeboatError(
      'config_invalid',
      `${about}: the file in GOOGLE_APPLICATION_CREDENTIALS cannot be used`,
      CREDENTIALS_HINT,
      { cause },
    );
  return new LifeboatError(
    'source_unreachable',
    `${about}: Google did not issue one`,
    'Check the network to Google, and that the service account exists and can create ID tokens. Then run the command again.',
    { cause },
  );
}
