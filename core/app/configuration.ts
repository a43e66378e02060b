import type { Environment } from './adapters.ts';
import { openStore } from './adapters.ts';
import { loadConfig, type Config, type LoadOptions } from '../config/load.ts';
import { collectAtMost } from '../lib/bytes/bytes.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';

export type ConfigurationRequest = Omit<LoadOptions, 'content' | 'env'> & {
  readonly env: Environment;
  /** How long to wait for the bucket, ms. */
  readonly patienceMs?: number | undefined;
};
type Location = Pick<ConfigurationRequest, 'configPath' | 'env' | 'patienceMs'>;
export type Configuration = {
  readonly config: Config;
  /** The generation of the object; `undefined` for a file. */
  readonly generation: string | undefined;
};

const READ_PATIENCE_MS = 10_000;
const MAX_CONFIGURATION_BYTES = 1_048_576;
const OBJECT_ADDRESS = /^(gs:\/\/.+)\/([^/]+)$/;
const HINT =
  'Apply the Terraform of the deployment: it writes this object and grants the functions the right to read it.';

/**
 * Reads lifeboat.yaml from a path, or from gs://bucket/object, where the Terraform of a deployment
 * puts it. Throws `config_invalid` (also for an object that is missing or refused, because a retry
 * may find it), and `store_unreachable`.
 */
export async function readConfiguration(request: ConfigurationRequest): Promise<Configuration> {
  const object = configurationObject(request);
  if (!object) return { config: await loadConfig(request), generation: undefined };
  // Read before the content: a newer content with an older generation is read again, once.
  const generation = await object.generation();
  return { config: await loadConfig({ ...request, content: await object.text() }), generation };
}

/**
 * Returns what asks for the present generation of the object, with one client for all calls;
 * `undefined` for a file. It throws like `readConfiguration`.
 */
export function configurationVersions(place: Location): () => Promise<string | undefined> {
  const object = configurationObject(place);
  return async () => object?.generation();
}

function configurationObject({ configPath, env, patienceMs = READ_PATIENCE_MS }: Location) {
  const address = configPath ?? env['LIFEBOAT_CONFIG'] ?? '';
  if (!address.startsWith('gs://')) return undefined;
  const [, bucket, key] = OBJECT_ADDRESS.exec(address) ?? [];
  if (bucket === undefined || key === undefined || bucket === 'gs:/')
    throw new LifeboatError(
      'config_invalid',
      `${address} is not the address of a configuration in a bucket`,
      'Use an address such as gs://bucket/lifeboat.yaml.',
    );
  let store: Promise<Store> | undefined;
  const open = () =>
    (store ??= openStore(bucket, env, { totalMs: patienceMs, idleMs: patienceMs / 2 }));
  return {
    generation: async (): Promise<string> => {
      const object = await explained(address, async () => (await open()).stat(key));
      if (object?.generation !== undefined) return object.generation;
      throw new LifeboatError('config_invalid', `there is no ${address}`, HINT);
    },
    text: () => explained(address, async () => readText(await open(), key)),
  };
}

async function readText(store: Store, key: string): Promise<string> {
  const content = await collectAtMost(store.read(key), MAX_CONFIGURATION_BYTES);
  if (!content)
    throw new Error(`it is larger than ${formatSize(ENGLISH, MAX_CONFIGURATION_BYTES)}`);
  return content.toString('utf8');
}

async function explained<T>(address: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const error = toLifeboatError(cause);
    if (error.code === 'store_unreachable') throw error;
    throw new LifeboatError(
      'config_invalid',
      `the configuration ${address} cannot be read: ${error.message}`,
      HINT,
      { cause },
    );
  }
}
