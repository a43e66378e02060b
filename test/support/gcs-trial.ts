import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { App } from '../../core/app/app.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Tuning } from '../../core/google/storage/calls.ts';
import type { GcsServer } from '../fakes/gcs-server/server.ts';
import type { Call, Fault, FaultFor } from '../fakes/gcs-server/types.ts';
import { BACKUP, RESTORE, testApp } from './app.ts';
import { sql } from './databases.ts';
import { folder, sha256 } from './files.ts';
import { BUCKET, gcsServer, gcsStore } from './gcs.ts';

/** Short timeouts, so that permanent faults end soon, and small chunks, so that a small database needs several. */
const SHORT: Partial<Tuning> = {
  totalMs: 600,
  idleMs: 300,
  firstDelayMs: 5,
  mostDelayMs: 50,
  chunkSize: 256 * 1024,
};
/** Longer than an operation with `SHORT` takes on a busy machine. */
const HANGS_MS = 90_000;
const REQUEST = { ...BACKUP, key: 'the message', requestedAt: new Date() };

export type Operation = 'full' | 'incremental' | 'restore' | 'verify';
export type Outcome = { readonly error?: LifeboatError; readonly value?: unknown };
export type Trial = {
  readonly server: GcsServer;
  /** The calls of an operation without faults. */
  record(operation: Operation): Promise<Call['kind'][]>;
  /** Runs an operation under faults and checks what must hold after any outcome. */
  run(operation: Operation, faults: FaultFor, what: string): Promise<Outcome>;
};

export type Kind = Call['kind'];
const READS: readonly Kind[] = ['download', 'get', 'list'];
const WRITES: readonly Kind[] = ['insert', 'session', 'chunk', 'patch'];

/** Each kind of fault, the calls where it can happen, and the error codes when it is permanent. */
export const FAULTS: readonly (readonly [
  name: string,
  fault: Fault,
  on: readonly Kind[],
  forEver: readonly LifeboatError['code'][],
])[] = [
  ['503', { type: 'status', status: 503 }, [...READS, ...WRITES], ['store_unreachable']],
  [
    '503 after the effect',
    { type: 'status', status: 503, afterwards: true },
    WRITES,
    ['store_unreachable'],
  ],
  [
    '429',
    { type: 'status', status: 429, reason: 'rateLimitExceeded' },
    [...READS, ...WRITES],
    ['store_unreachable'],
  ],
  ['a reset', { type: 'reset' }, [...READS, ...WRITES], ['store_unreachable']],
  ['a reset after the effect', { type: 'reset', afterwards: true }, WRITES, ['store_unreachable']],
  [
    'a cut body',
    { type: 'cut', after: 300 },
    [...READS, 'patch', 'insert', 'chunk'],
    ['store_unreachable'],
  ],
  ['a stall', { type: 'stall' }, [...READS, ...WRITES], ['store_unreachable']],
  [
    'a stall halfway',
    { type: 'stall', after: 300 },
    ['download', 'insert', 'chunk'],
    ['store_unreachable'],
  ],
  [
    'a flipped bit',
    { type: 'corrupt', at: 40 },
    ['download', 'insert', 'chunk'],
    ['store_unreachable', 'backup_damaged'],
  ],
  ['missing headers', { type: 'forgetful' }, ['download'], []],
  [
    '403',
    { type: 'status', status: 403, reason: 'forbidden' },
    [...READS, ...WRITES],
    ['store_denied'],
  ],
  [
    '404',
    { type: 'status', status: 404, reason: 'notFound' },
    [...READS, ...WRITES],
    ['store_unreachable', 'not_found', 'backup_damaged'],
  ],
  [
    '412',
    { type: 'status', status: 412, reason: 'conditionNotMet' },
    WRITES,
    ['store_unreachable', 'internal'],
  ],
];

/** A full backup and an increment in a fake bucket, of a database that needs several chunks and has changed since. */
export async function prepareTrial(): Promise<Trial> {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `store: gs://${BUCKET}\ndatabases: { shop: { source: shop.db } }\n`,
  );
  const server = await gcsServer();
  const open = (tuning: Partial<Tuning>): Promise<App> =>
    testApp({ cwd, configuredOnly: true, overrides: { store: gcsStore(server.url, { tuning }) } });
  const change = 'update t set v = randomblob(3000) where id % 3 = 0';
  sql(
    join(cwd, 'shop.db'),
    'create table t (id integer primary key, v blob); with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) insert into t select i, randomblob(3000) from n',
  );
  const calm = await open({});
  await calm.backup('shop', BACKUP);
  sql(join(cwd, 'shop.db'), change);
  const last = await calm.backup('shop', { ...BACKUP, kind: 'incremental' });
  sql(join(cwd, 'shop.db'), change);
  const current = contentOf(join(cwd, 'shop.db'));
  const { objects } = server.bucket(BUCKET);
  const start = new Map(objects);

  const reset = (): void => {
    server.faults = undefined;
    objects.clear();
    for (const [name, entry] of start) objects.set(name, entry);
    server.reset();
  };
  const perform = async (app: App, operation: Operation, target: string): Promise<unknown> => {
    if (operation === 'restore')
      return app.restore('shop', { ...RESTORE, to: join(target, 'back.db') });
    if (operation === 'verify') return app.verify('shop', { readData: true });
    return app.backup('shop', { ...REQUEST, kind: operation });
  };
  const settle = async (work: Promise<unknown>, what: string): Promise<Outcome> => {
    const watch = new AbortController();
    const hangs = sleep(HANGS_MS, undefined, { signal: watch.signal }).then(
      () => expect.fail(`${what} hangs`),
      () => undefined,
    );
    const ended = Promise.allSettled([work]);
    const [outcome] = (await Promise.race([ended, hangs])) ?? (await ended);
    watch.abort();
    if (outcome.status === 'fulfilled') return { value: outcome.value };
    expect(outcome.reason, what).toBeInstanceOf(LifeboatError);
    return { error: outcome.reason as LifeboatError };
  };
  /** Every listed backup restores byte for byte: reads each page and compares the SHA-256. */
  const expectWhole = async (app: App, what: string): Promise<void> => {
    const { backups } = await app.verify('shop', { readData: true });
    expect(
      backups.filter(({ ok }) => !ok),
      what,
    ).toEqual([]);
    expect(backups.length, what).toBeGreaterThanOrEqual(2);
  };

  const run: Trial['run'] = async (operation, faults, what) => {
    reset();
    const target = mkdtempSync(join(cwd, 'target-'));
    const app = await open(SHORT);
    server.faults = faults;
    const outcome = await settle(perform(app, operation, target), what);
    server.faults = undefined;
    const next = await open({});
    await expectWhole(next, what);
    if (operation === 'restore') {
      if (outcome.error) expect(readdirSync(target), what).toEqual([]);
      else expect(sha256(join(target, 'back.db')), what).toBe(last.sha256);
    }
    if (operation === 'full' || operation === 'incremental') {
      // The same request again must give one backup of the current source.
      const made = await next.backup('shop', { ...REQUEST, kind: operation });
      const listed = await next.list('shop');
      expect(
        listed.filter(({ id }) => id === made.id),
        what,
      ).toHaveLength(1);
      expect(listed, what).toHaveLength(3);
      if (!outcome.error) expect(outcome.value, what).toMatchObject({ id: made.id });
      const back = join(target, 'next.db');
      await next.restore('shop', { ...RESTORE, at: made.id, to: back });
      expect(sha256(back), what).toBe(made.sha256);
      expect(contentOf(back), what).toBe(current);
    }
    rmSync(target, { recursive: true });
    expect(readdirSync(cwd).sort(), what).toEqual(['lifeboat.yaml', 'shop.db']);
    return outcome;
  };

  const record: Trial['record'] = async (operation) => {
    reset();
    const target = join(cwd, 'recorded');
    mkdirSync(target);
    await perform(await open(SHORT), operation, target);
    rmSync(target, { recursive: true });
    return server.calls.map(({ kind }) => kind);
  };
  return { server, record, run };
}

/** The rows, because a copied snapshot has a different change counter than its source. */
function contentOf(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return JSON.stringify(db.prepare('select id, hex(v) as v from t order by id').all());
  } finally {
    db.close();
  }
}
