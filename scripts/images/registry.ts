import { createHash } from 'node:crypto';

/** https://distribution.github.io/distribution/spec/api: an index of all platforms, or one image. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const PATIENCE_MS = 20_000;

type Place = { readonly origin: string; readonly path: string; readonly tag: string };

/** Where the registry has the manifest of an image; a name without a host is on Docker Hub. */
export function placeOf(image: string): Place {
  const [name = '', tag = 'latest'] = image.replace(/@.*$/, '').split(/:(?=[^/]*$)/);
  const [host = '', ...rest] = name.split('/');
  if (rest.length > 0 && /[.:]|^localhost$/.test(host))
    return { origin: `https://${host}`, path: rest.join('/'), tag };
  const path = rest.length > 0 ? name : `library/${name}`;
  return { origin: 'https://registry-1.docker.io', path, tag };
}

/** The digest of what the tag means now. Throws when the registry does not say. */
export async function digestOf({ origin, path, tag }: Place): Promise<string> {
  const url = `${origin}/v2/${path}/manifests/${tag}`;
  const first = await get(url);
  const response = first.status === 401 ? await get(url, await tokenFor(first)) : first;
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const claimed = response.headers.get('docker-content-digest');
  if (claimed !== null && claimed !== digest) throw new Error(`${url} is not what its digest says`);
  return digest;
}

function get(url: string, token?: string): Promise<Response> {
  const headers = { accept: MANIFESTS, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  return fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** Public images need a token, too, which anyone may have. */
async function tokenFor(response: Response): Promise<string> {
  const challenge = response.headers.get('www-authenticate') ?? '';
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const realm = URL.parse(fields.get('realm') ?? '');
  if (!realm) throw new Error(`${response.url} asks for an unknown login`);
  for (const name of ['service', 'scope'])
    if (fields.has(name)) realm.searchParams.set(name, fields.get(name) ?? '');
  const reply = await fetch(realm, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const { token, access_token } = (await reply.json()) as Record<string, string | undefined>;
  return token ?? access_token ?? '';
}
