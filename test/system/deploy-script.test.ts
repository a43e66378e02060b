import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { html, json, MADE, startBackupNow, type Reply } from '../fakes/backup-now.ts';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const GOOD = json(200, { ok: true, ...MADE });
/** A body without a length that ends halfway, as an HTTP/1.0 proxy would pass it on. */
const half: Reply = (response) => {
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ ok: true, ...MADE }).slice(0, 300));
};
/** The connection breaks before the announced end. */
const cut: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '900' });
  response.write(JSON.stringify({ ok: true, ...MADE }).slice(0, 300), () => response.destroy());
};
const empty: Reply = (response) => void response.destroy();

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
  test('exits with 0 and the document when the backup is verified, with 22 and the reason when it is refused, and with 7 when nothing listens', async () => {
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

  test.each<[string, Reply]>([
    ['a 503', html(503)],
    ['an empty reply', empty],
    ['a cut response', cut],
  ])('retries after %s with the same key, and prints one document', async (_, first) => {
    const { url, asked } = await startBackupNow(first, GOOD);
    const { status, out, err } = await deploy('shop', url);
    expect([status, JSON.parse(out)], err).toMatchObject([0, { ok: true, database: 'shop' }]);
    expect(asked).toHaveLength(2);
    expect(asked[0]?.key).toMatch(/^deploy-\d{8}T\d{6}Z-\d+$/);
    expect(asked[1]?.key).toBe(asked[0]?.key);
  });

  test('does not follow a redirect', async () => {
    const other = await startBackupNow(GOOD);
    const { url, asked } = await startBackupNow(html(302, { location: other.url }));
    const { status, out, err } = await deploy('shop', url);
    expect([status, out, err]).toEqual([1, '', expect.stringContaining('redirects (HTTP 302)')]);
    expect([asked.length, other.asked.length]).toEqual([1, 0]);
  });

  test.each<[string, Reply]>([
    ['a login page', html(200)],
    ['a login page that says it is JSON', json(200, '<html>"ok":true,</html>')],
    ['a response without a body', json(204, '')],
    ['an empty object', json(200, {})],
    ['a failure with the status 200', json(200, { ok: false, error: { ok: true } })],
    ['a backup of another database', json(200, { ok: true, ...MADE, database: 'blog' })],
    ['a document that ends halfway', half],
    ['a verified backup with another content type', json(200, { ok: true, ...MADE }, 'text/html')],
  ])('does not take %s for a backup', async (_, reply) => {
    const { url } = await startBackupNow(reply);
    const { status, err } = await deploy('shop', url);
    expect([status, err]).toEqual([1, expect.stringMatching(/^error: /)]);
  });

  test('gives up when every response is cut', async () => {
    const { url, asked } = await startBackupNow(cut);
    expect((await deploy('shop', url)).status).toBe(18);
    expect(asked).toHaveLength(4);
  });

  test.each([
    ['http://backups.example.com/x'],
    ['http://127.0.0.1.example.com/'],
    ['ftp://127.0.0.1/'],
    [''],
  ])('sends nothing to %j', async (url) => {
    expect((await deploy('shop', url)).status).toBe(2);
  });

  test.each([[['shop']], [['a"b', 'http://127.0.0.1:1/x']], [['', 'http://127.0.0.1:1/x']]])(
    'refuses the arguments %j',
    async (args) => {
      expect((await deploy(...args)).status).toBe(2);
    },
  );
});
