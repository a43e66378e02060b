import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const entry = new URL('../../functions/index.ts', import.meta.url).href;
// Like functions-framework on the platform, but on the loopback address: it loads the entry, which
// registers the functions, and then creates the server of the function that FUNCTION_TARGET names.
const SERVER = `
import ${JSON.stringify(entry)};
const { getTestServer } = await import(${JSON.stringify(import.meta.resolve('@google-cloud/functions-framework/testing'))});
const server = getTestServer(process.env.FUNCTION_TARGET);
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
`;

async function deploy(target: string) {
  const cwd = folder();
  sql(join(cwd, 'notes.db'), SMALL);
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { notes: { source: notes.db } }\n');
  writeFileSync(join(cwd, 'server.mjs'), SERVER);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'server.mjs'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...BARE, TMPDIR: cwd, FUNCTION_TARGET: target, METADATA_SERVER_DETECTION: 'none' },
  });
  onTestFinished(() => void child.kill());
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)));
    child.once('exit', () => reject(new Error(output.join(''))));
  });
  return { url: `http://127.0.0.1:${port}`, output };
}

describe('a function on the platform', () => {
  test('backup-now reads the body itself, so the framework never parses or inflates it', async () => {
    const { url, output } = await deploy('backup-now');
    const post = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      const contentType = response.headers.get('content-type');
      return { contentType, status: response.status, ...((await response.json()) as object) };
    };
    const problem = (message: string) => ({
      status: 400,
      contentType: expect.stringContaining('application/problem+json'),
      code: 'usage',
      message: expect.stringContaining(message),
    });
    expect(await post('{"database":')).toMatchObject(problem('the request is not JSON'));
    expect(await post(' '.repeat(70_000))).toMatchObject(problem('too large (68.4 KiB)'));
    const gzip = { 'content-encoding': 'gzip' };
    expect(await post(gzipSync(' '.repeat(50_000_000)), gzip)).toMatchObject(
      problem('too large (after decompression)'),
    );
    expect(await post('{"database": "notes"}', gzip)).toMatchObject(problem('not valid gzip'));
    expect(await post('{}', { 'content-encoding': 'br' })).toMatchObject(
      problem('unsupported content encoding "br"'),
    );
    expect(await post(gzipSync('{"database": "notes"}'), gzip)).toMatchObject({
      status: 200,
      ok: true,
      database: 'notes',
    });
    // Everything that it wrote is a line of the JSON log.
    const lines = output.join('').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).not.toHaveLength(0);
  });

  test('status answers broken JSON with a problem document', async () => {
    const { url } = await deploy('status');
    const response = await fetch(url, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect([response.status, await response.json()]).toMatchObject([405, { code: 'usage' }]);
  });
});
