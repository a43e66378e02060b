import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { FaultFor } from '../fakes/gcs-server/types.ts';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';

// Uses the timeouts of production, two minutes for a call: an operation that waited for one would exceed the limit of its test.
const SOON = { timeout: 60_000 };

const world = async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `store: gs://${BUCKET}\ndatabases: { shop: { source: shop.db } }\n`,
  );
  const rows = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)';
  sql(
    join(cwd, 'shop.db'),
    `create table t (id integer primary key, v blob); ${rows} insert into t select i, randomblob(3000) from n`,
  );
  const server = await gcsServer();
  const store = gcsStore(server.url, { tuning: { chunkSize: 256 * 1024 } });
  const app = await testApp({ cwd, configuredOnly: true, overrides: { store } });
  return { cwd, server, app };
};
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (fault: unknown) => fault,
  );
  return error instanceof LifeboatError ? error.code : String(error);
};
/** Aborts as soon as the server stalls. */
const stillAt = (
  kinds: readonly string[],
  stop = new AbortController(),
): { faults: FaultFor; signal: AbortSignal } => ({
  faults: ({ kind }) => {
    if (!kinds.includes(kind)) return undefined;
    setTimeout(() => stop.abort(), 50);
    return { type: 'stall' };
  },
  signal: stop.signal,
});

describe('a stalled network', () => {
  test(
    'during an upload does not delay a backup beyond its deadline, which is recorded',
    SOON,
    async () => {
      const { server, app } = await world();
      server.faults = ({ kind }) => (kind === 'chunk' ? { type: 'stall' } : undefined);
      const asked = { ...BACKUP, key: 'the message', requestedAt: new Date() };
      expect(await codeOf(app.backup('shop', { ...asked, deadlineMs: 5000 }))).toBe('deadline');
      server.faults = undefined;
      expect((await app.statusOf('shop')).runs).toMatchObject([
        { ok: false, error: { code: 'deadline', step: 'write' } },
      ]);
      expect(await app.list('shop')).toEqual([]);
      const made = await app.backup('shop', asked);
      expect((await app.verify('shop', { readData: true })).backups).toMatchObject([
        { id: made.id, ok: true },
      ]);
    },
  );

  test(
    'does not delay a backup after its record and notification have timed out',
    SOON,
    async () => {
      const { server, app } = await world();
      let still = false;
      server.faults = ({ kind }) => {
        still ||= kind === 'chunk';
        return still ? { type: 'stall' } : undefined;
      };
      expect(await codeOf(app.backup('shop', { ...BACKUP, deadlineMs: 5000 }))).toBe('deadline');
    },
  );

  test(
    'does not delay an interrupted backup, restore, verify or query, which leave nothing behind',
    SOON,
    async () => {
      const { cwd, server, app } = await world();
      await app.backup('shop', BACKUP);
      const left = readdirSync(cwd).sort();
      const during = async (
        kind: string,
        work: (signal: AbortSignal) => Promise<unknown>,
      ): Promise<string> => {
        const { faults, signal } = stillAt([kind]);
        server.faults = faults;
        const code = await codeOf(work(signal));
        server.faults = undefined;
        return code;
      };
      const codes = [
        await during('chunk', (signal) => app.backup('shop', { ...BACKUP, kind: 'full', signal })),
        await during('download', (signal) =>
          app.restore('shop', { ...RESTORE, to: 'back.db', signal }),
        ),
        await during('download', (signal) => app.verify('shop', { readData: true, signal })),
        await during('download', (signal) =>
          app.query('shop', { at: 'latest', sql: 'select 1', signal }),
        ),
        await during('list', (signal) =>
          app.restore('shop', { ...RESTORE, to: 'back.db', signal }),
        ),
      ];
      expect(codes).toEqual(Array.from(codes, () => 'interrupted'));
      expect(readdirSync(cwd).sort()).toEqual(left);
    },
  );

  test('ends a restore test at its deadline, with a report', SOON, async () => {
    const { server, app } = await world();
    await app.backup('shop', BACKUP);
    server.faults = ({ kind, name }) =>
      kind === 'download' && name.endsWith('.zst') ? { type: 'stall' } : undefined;
    const { databases } = await app.restoreTest('shop', { deadlineMs: 2000 });
    expect(databases).toMatchObject([
      { ok: false, problems: [expect.stringMatching(/^deadline: /)] },
    ]);
  });
});
