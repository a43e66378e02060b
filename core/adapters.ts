import type { DatabaseConfig } from './config/load.ts';
import { parsePlace } from './config/places.ts';
import { LifeboatError } from './errors.ts';
import type { Publisher } from './publish/publisher.ts';
import type { Source } from './source/source.ts';
import type { Store } from './store/store.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

// Each adapter is loaded when it is needed: a function must not pay for clients that it does not use.

/** The store of an absolute path or a gs:// address. */
export const openStore = async (url: string, env: Environment): Promise<Store> => {
  const place = parsePlace(url, '/');
  if (place.kind === 'directory') return (await import('./store/directory.ts')).createDirectoryStore(place.path);
  const { createGcsStore } = await import('./store/gcs.ts');
  const endpoint = env['LIFEBOAT_GCS_ENDPOINT'];
  const clients = async () => (await import('./google/storage.ts')).openStorage(endpoint ? { endpoint } : {});
  return createGcsStore({ bucket: place.bucket, prefix: place.prefix, clients });
};

export const openSource = async ({ source, origin }: DatabaseConfig, _env: Environment): Promise<Source> => {
  if (origin.kind !== 'file')
    throw new LifeboatError('config_invalid', `the source ${source} is not supported by this version`, 'Give a path or a file: URL.');
  const { createFileSource } = await import('./source/file.ts');
  return createFileSource(origin.path);
};

/** Pub/Sub, or the address that `lifeboat dev` listens on. Nothing is loaded before the first message. */
export const openPublisher = (env: Environment, now: () => Date): Publisher => {
  const url = env['LIFEBOAT_PUSH_URL'];
  const connect = async (): Promise<Publisher> => {
    if (url) return (await import('./publish/push.ts')).createPushPublisher(url, now);
    const { createPubSubPublisher } = await import('./google/pubsub.ts');
    const [backup, restoreTest] = [env['LIFEBOAT_BACKUP_TOPIC'], env['LIFEBOAT_RESTORE_TEST_TOPIC']];
    return createPubSubPublisher({
      topics: { ...(backup ? { backup } : {}), ...(restoreTest ? { 'restore-test': restoreTest } : {}) },
      projectId: env['GOOGLE_CLOUD_PROJECT'],
      emulator: env['PUBSUB_EMULATOR_HOST'],
    });
  };
  let publisher: Promise<Publisher> | undefined;
  return { publish: async (...message) => (await (publisher ??= connect())).publish(...message) };
};
