import { onTestFinished } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import { openStorage } from '../../core/google/storage/client.ts';
import type { Tuning } from '../../core/google/storage/calls.ts';
import { createGcsStore } from '../../core/google/storage/store.ts';
import type { BucketStore } from '../../core/store/store.ts';
import { BUCKET } from './bucket-name.ts';
import { goodSettings } from './bucket-settings.ts';
import { POLICIES } from '../fakes/gcs-server/permissions.ts';
import {
  startGcsServer,
  type GcsServer,
  type GcsServerOptions,
} from '../fakes/gcs-server/server.ts';
export { BUCKET };
/** Timeouts so short that a permanent fault ends within a second, and longer than a busy machine needs. */
export const FAST: Partial<Tuning> = {
  totalMs: 800,
  idleMs: 500,
  firstDelayMs: 5,
  mostDelayMs: 40,
};

export function isLifeboatError(error: unknown): error is LifeboatError {
  return error instanceof LifeboatError;
}

export async function gcsServer(options: GcsServerOptions = {}): Promise<GcsServer> {
  const server = await startGcsServer({
    buckets: { [BUCKET]: goodSettings() },
    policies: POLICIES(),
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

export function gcsStore(
  endpoint: string,
  options: { prefix?: string; bucket?: string; tuning?: Partial<Tuning> } = {},
): BucketStore {
  const { prefix = '', bucket = BUCKET, tuning = FAST } = options;
  return createGcsStore({ bucket, prefix, clients: () => openStorage({ endpoint }), tuning });
}
