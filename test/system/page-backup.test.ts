import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { sql, SMALL } from '../support/databases.ts';
import { start } from '../support/dev.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli/main.ts');
/** Screenshots for a person, where this names a folder. */
const PICTURES = process.env['LIFEBOAT_PICTURES'];

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** `lifeboat serve`, whose backups wait until the file `go` is there. */
async function serve(locale: string) {
  const cwd = folder();
  sql(join(cwd, 'shop.db'), SMALL);
  const wait = `while [ ! -e '${cwd}/go' ]; do sleep 0.05; done`;
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `locale: ${locale}\ndatabases: { shop: { source: shop.db, hooks: { before: { shell: "${wait}", timeout: 10m } } } }\n`,
  );
  const { child, address } = start(process.execPath, [main, 'serve', '--port', '0'], cwd);
  const url = await address();
  return {
    page: `${url}/status/databases/shop`,
    go: () => writeFileSync(join(cwd, 'go'), ''),
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

test.each([
  ['en', 'Back up now', 'A backup of this database is running.'],
  ['pt-BR', 'Fazer backup agora', 'Um backup deste banco está em andamento.'],
])('the page in %s starts a backup without JavaScript, once', async (locale, label, running) => {
  const { page: address, go, stop } = await serve(locale);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const picture = async (name: string): Promise<void> => {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${locale}-${name}.png`), fullPage: true });
  };
  await page.goto(address);
  const button = page.getByRole('button', { name: label });
  await picture('ready');
  await button.click();
  expect(page.url()).toBe(address);
  expect(await page.getByRole('status').textContent()).toContain(running);
  expect(await button.isDisabled()).toBe(true);
  await picture('running');
  go();
  // The page reloads by itself until the backup has ended.
  await expect.poll(() => button.isDisabled(), { timeout: 120_000 }).toBe(false);
  await picture('done');
  const { history } = (await (await fetch(`${address}?format=json`)).json()) as {
    history: { reason: string }[];
  };
  expect(history.map(({ reason }) => reason)).toEqual(['manual']);
  await context.close();
  await stop();
});

test('a form of another site, without a token or from an earlier start of Lifeboat starts nothing', async () => {
  const { page: address, go, stop } = await serve('en');
  go();
  const origin = new URL(address).origin;
  const token = /name="token" value="([\w-]+)"/.exec(
    await (await fetch(address, { headers: { accept: 'text/html' } })).text(),
  )?.[1];
  const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${address}/backup`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers,
      redirect: 'manual',
    }).then(({ status }) => status);
  expect(await send({})).toBe(403);
  expect(await send({ token: 'x'.repeat(43) })).toBe(403);
  expect(await send({ token: token ?? '' }, { origin: 'https://evil.example' })).toBe(403);
  expect(await send({ token: token ?? '' }, { origin: 'null' })).toBe(403);
  expect(await send({ token: token ?? '' }, { 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await send({ token: token ?? '', pad: 'x'.repeat(100_000) })).toBe(403);
  expect((await fetch(`${address}/backup`)).status).toBe(404);
  const json = await fetch(`${address}/backup`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect(json.status).toBe(403);
  const other = address.replace('/shop', '/other');
  expect((await fetch(`${other}/backup`, { method: 'POST' })).status).toBe(403);
  const { history } = (await (await fetch(`${address}?format=json`)).json()) as {
    history: unknown[];
  };
  expect(history).toEqual([]);
  // The page itself, and a program with its token, may.
  expect(await send({ token: token ?? '' }, { origin, 'sec-fetch-site': 'same-origin' })).toBe(303);
  await stop();
});
