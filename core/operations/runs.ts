import type { LifeboatError } from '../errors.ts';
import type { Store } from '../store/store.ts';

const DAY = 86_400_000;
export type Failure = { at: string; code: string; message: string; hint: string };
export type Ended = {
  run: string;
  operation: string;
  startedAt: string;
  endedAt: string;
  ok: boolean;
  backup?: { id: string; expires: string };
  error?: Failure;
};

const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);
const folder = (database: string, run: string): string => `runs/${database}/${run}/`;

/** A run leaves `started` before its first effect and `ended` last; one without the other tells that it died. */
export const startRun = async (store: Store, database: string, run: string, operation: string, at: Date): Promise<void> => {
  const expires = new Date(at.getTime() + 90 * DAY);
  await store.create(`${folder(database, run)}started.json`, json({ run, operation, startedAt: at.toISOString() }), { expires });
};

export const endRun = async (store: Store, database: string, ended: Ended): Promise<void> => {
  const least = Date.parse(ended.endedAt) + 90 * DAY;
  // Kept as long as the backup it made: `verify` finds a deleted backup by the record of its run.
  const expires = new Date(Math.max(least, ended.backup ? Date.parse(ended.backup.expires) : 0));
  await store.create(`${folder(database, ended.run)}ended.json`, json(ended), { expires });
};

export const failureOf = (error: LifeboatError, at: Date): Failure => ({
  at: at.toISOString(),
  code: error.code,
  message: error.message,
  hint: error.hint,
});

/** The ended runs of a database, oldest first. A record that is not readable is left out: records are for telling, not for restoring. */
export const endedRuns = async (store: Store, database: string): Promise<Ended[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(`runs/${database}/`)) if (key.endsWith('/ended.json')) keys.push(key);
  const runs: Ended[] = [];
  for (const key of keys) {
    try {
      const parts: Uint8Array[] = [];
      for await (const part of store.read(key)) parts.push(part);
      runs.push(JSON.parse(Buffer.concat(parts).toString('utf8')) as Ended);
    } catch {
      continue;
    }
  }
  return runs.sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
};
