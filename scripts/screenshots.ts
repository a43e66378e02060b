import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { databasePage } from '../core/status/page/database/database.ts';
import { pageHeaders } from '../core/status/page/parts/headers.ts';
import { overviewPage } from '../core/status/page/overview/overview.ts';
import { openBrowser, servePages } from '../test/support/browser.ts';
import { AT, shop, three } from '../test/support/status-document.ts';

// The pictures of the documentation, from invented databases and a clock that stands still. Needs
// Debian's chromium.
const IMAGES = join(import.meta.dirname, '..', 'docs', 'images');
const options = {
  locale: 'en',
  base: '',
  store: 'gs://acme-backups',
  timeZone: 'UTC',
  version: '0.1.0',
} as const;
const PAGES: Readonly<Record<string, () => string>> = {
  '/': () => overviewPage(three(), options),
  '/shop': () => databasePage(shop(), AT, options),
};
function wide(colorScheme: 'light' | 'dark', height: number): BrowserContextOptions {
  return {
    colorScheme,
    viewport: { width: 1280, height },
  };
}
function phone(colorScheme: 'light' | 'dark'): BrowserContextOptions {
  return {
    colorScheme,
    viewport: { width: 390, height: 844 },
  };
}
const SHOTS: readonly { name: string; path: string; look: BrowserContextOptions }[] = [
  { name: 'overview-light', path: '/', look: wide('light', 1246) },
  { name: 'overview-dark', path: '/', look: wide('dark', 1246) },
  { name: 'overview-phone-light', path: '/', look: phone('light') },
  { name: 'overview-phone-dark', path: '/', look: phone('dark') },
  { name: 'database-light', path: '/shop', look: wide('light', 1358) },
  { name: 'database-dark', path: '/shop', look: wide('dark', 1358) },
];

mkdirSync(IMAGES, { recursive: true });
const server = await servePages(pageHeaders(), ({ pathname }) => PAGES[pathname]?.());
const browser = await openBrowser();
for (const { name, path, look } of SHOTS) {
  const context = await browser.newContext({
    deviceScaleFactor: 1,
    reducedMotion: 'reduce',
    ...look,
  });
  const page = await context.newPage();
  await page.goto(`${server.url}${path}`);
  const picture = await page.screenshot();
  writeFileSync(join(IMAGES, `${name}.png`), picture);
  process.stdout.write(`${name}.png  ${Math.ceil(picture.length / 1000)} kB\n`);
  await context.close();
}
await browser.close();
await server.close();
