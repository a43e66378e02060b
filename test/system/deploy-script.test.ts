import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { html, json, MADE, startBackupNow } from '../fakes/backup-now.ts';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const deploy = async (...args: string[]) => {
  const cwd = folder();
  const child = spawn(join(root, 'examples/deploy.sh'), args, {
    cwd,
    env: { PATH: '/usr/bin:/bin', HOME: cwd },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said.err += text.toString()));
  const [status] = (await once(child, 'close')) as [number];
  return { status, ...said };
};

/** `lifeboat dev` in a folder of its own, with the database `notes`. */
const dev = async () => {
  const cwd = folder();
  sql(join(cwd, 'notes.db'), SMALL);
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db } }\n');
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), 'dev', '--port', '0'], {
    cwd,
    env: { ...BARE, TMPDIR: cwd, HOME: cwd, METADATA_SERVER_DETECTION: 'none' },
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await once(child, 'exit');
  };
  onTestFinished(stop);
  await expect.poll(() => said, { timeout: 120_000 }).toContain('Lifeboat is running');
  return { cwd, stop, url: `${/http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? ''}/backup-now` };
};

describe('examples/deploy.sh', () => {
  test('ends with 0 and the document when the backup is verified, with the reason when it is refused, and not at all well when nothing runs', async () => {
    const { cwd, url, stop } = await dev();
    const good = await deploy('notes', url);
    expect([good.status, JSON.parse(good.out)]).toMatchObject([
      0,
      { ok: true, database: 'notes', verdict: 'ok', reason: 'pre-deploy' },
    ]);
    writeFileSync(join(cwd, 'notes.db'), 'this is no database'.repeat(99));
    const refused = await deploy('notes', url);
    expect([refused.status, JSON.parse(refused.out)]).toMatchObject([
      22,
      { code: 'source_invalid', hint: expect.any(String) },
    ]);
    expect((await deploy('nobody', url)).status).toBe(22);
    await stop();
    const gone = await deploy('notes', url);
    expect([gone.status, gone.out]).toEqual([7, '']);
  });

  test('asks again with the same key', async () => {
    const { url, asked } = await startBackupNow(html(503), json(200, { ok: true, ...MADE }));
    expect((await deploy('shop', url)).status).toBe(0);
    expect(asked).toHaveLength(2);
    expect(asked[0]?.key).toMatch(/^deploy-\d{8}T\d{6}Z-\d+$/);
    expect(asked[1]?.key).toBe(asked[0]?.key);
  });

  test.each([
    ['http://backups.example.com/x'],
    ['http://127.0.0.1.example.com/'],
    ['ftp://127.0.0.1/'],
    [''],
  ])('sends nothing to %j', async (url) => {
    expect((await deploy('shop', url)).status).toBe(2);
  });

  test('without its arguments ends with a fault', async () => {
    expect((await deploy('shop')).status).not.toBe(0);
  });
});
