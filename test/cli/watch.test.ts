import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { runCli } from '../support/cli.ts';
import { folder } from '../support/files.ts';
import { startChannels } from '../support/channels.ts';

const prepared = async (more = '') => {
  const cwd = folder();
  sql(join(cwd, 'shop.db'), SMALL);
  const channels = await startChannels();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }\n${channels.yaml}${more}`,
  );
  return { cwd, ...channels };
};

describe('lifeboat watch', () => {
  test('ends with 9 and every verdict when something is wrong, and with 0 when nothing is', async () => {
    const { cwd, counts } = await prepared();
    const bad = await runCli(cwd, ['watch', '--json']);
    expect(bad.status).toBe(9);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      ok: false,
      verdicts: expect.arrayContaining([
        {
          database: 'shop',
          check: 'missing',
          result: 'alarm',
          about: 'missing',
          detail: expect.any(String),
          hint: expect.any(String),
        },
      ]),
      error: { code: 'stale', message: expect.stringContaining('shop'), hint: expect.any(String) },
    });
    expect((await runCli(cwd, ['watch'])).stdout).toMatch(
      /^DATABASE +CHECK +RESULT[^]*shop +missing +ALARM +there is no verified backup/,
    );
    expect((await runCli(cwd, ['backup', 'shop'])).status).toBe(0);
    const good = await runCli(cwd, ['watch', '--json']);
    expect([good.status, JSON.parse(good.stdout)]).toMatchObject([
      0,
      { ok: true, verdicts: expect.any(Array) },
    ]);
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  test('with --notify tells, once, and so does a backup', async () => {
    const { cwd, env, notifications } = await prepared();
    for (let n = 0; n < 2; n += 1)
      expect((await runCli(cwd, ['watch', '--notify'], env)).status).toBe(9);
    expect((await runCli(cwd, ['backup', 'shop', '--notify'], env)).status).toBe(0);
    expect(notifications().map(({ kind }) => kind)).toEqual(['missing', 'recovered']);
  });
});

describe('lifeboat notify-test', () => {
  test('sends a sample to every channel', async () => {
    const { cwd, env, notifications, counts } = await prepared();
    const { status, stdout } = await runCli(cwd, ['notify-test', '--json'], env);
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      { ok: true, channels: [{ ok: true }, { ok: true }, { ok: true }, { ok: true }] },
    ]);
    expect(counts()).toEqual([1, 1, 1, 1]);
    expect(notifications()).toMatchObject([{ kind: 'sample' }]);
  });

  test('ends with 10 and what to do when a channel fails, and still tries the others', async () => {
    const { cwd, env, counts } = await prepared();
    const { status, stdout } = await runCli(cwd, ['notify-test', '--json'], {
      ...env,
      SLACK_WEBHOOK_URL: undefined,
    });
    expect([status, JSON.parse(stdout)]).toMatchObject([
      10,
      { ok: false, error: { code: 'notify_failed' } },
    ]);
    expect(stdout).toContain('SLACK_WEBHOOK_URL is not set');
    expect(counts()).toEqual([1, 0, 1, 1]);
  });

  test('ends with 2 where no channel is configured', async () => {
    const { status, stdout } = await runCli(folder(), ['notify-test', '--json']);
    expect([status, JSON.parse(stdout)]).toMatchObject([2, { error: { code: 'config_invalid' } }]);
  });
});
