import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import { databasePage } from '../../core/status/page/database/database.ts';
import { errorPage } from '../../core/status/page/error.ts';
import { pageHeaders } from '../../core/status/page/parts/headers.ts';
import { overviewPage } from '../../core/status/page/overview/overview.ts';
import type { DatabaseDetail } from '../../core/documents/status.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { openBrowser, servePages } from '../support/browser.ts';
import { serveFunctions } from '../support/functions.ts';
import { AT, blog, documentOf, fresh, shop, wiki } from '../support/status-document.ts';

const EVIL = `<script>window.hurt=1</script><img src=http://evil.example/x onerror="window.hurt=1">"'<style>*{color:red}</style>`;

/** A database whose every text tries to become markup. */
const evil = (): DatabaseDetail => {
  const base = blog();
  const error = { at: AT, code: EVIL, message: EVIL, hint: EVIL, step: EVIL };
  return {
    ...base,
    name: EVIL,
    lastFailure: error,
    runs: base.runs.map((run) => ({ ...run, reason: EVIL, ...(run.ok ? {} : { error }) })),
    history: base.history.map((entry) => ({
      ...entry,
      database: EVIL,
      reason: EVIL,
      rows: { [EVIL]: 1 },
    })),
    manifest: { [EVIL]: EVIL },
  };
};
const all = (): DatabaseDetail[] => [shop(), blog(), wiki(), fresh(), evil()];

const answer = ({ pathname, searchParams }: URL): string | undefined => {
  const options = {
    locale: searchParams.get('locale') === 'pt-BR' ? 'pt-BR' : 'en',
    base: '',
    store: 'gs://acme-backups',
  } as const;
  if (pathname === '/')
    return overviewPage(documentOf(all()), {
      ...options,
      filter: searchParams.get('filter') ?? '',
      view: searchParams.get('view') === 'wall' ? 'wall' : undefined,
    });
  if (pathname === '/none') return overviewPage(documentOf([]), options);
  if (pathname === '/error')
    return errorPage(
      { code: 'store_unreachable', message: 'no answer', hint: 'Try again.' },
      options,
    );
  const name = /^\/databases\/(.*)$/.exec(pathname)?.[1];
  const database = all().find(
    (each) => name !== undefined && each.name === decodeURIComponent(name),
  );
  // axe takes a second per hundred elements, and thirty backups have the same elements as ninety.
  const part = searchParams.has('part');
  return (
    database &&
    databasePage(
      part
        ? { ...database, history: database.history.slice(0, 30), runs: database.runs.slice(-30) }
        : database,
      AT,
      options,
    )
  );
};

let server: Awaited<ReturnType<typeof servePages>>;
let browser: Browser;
beforeAll(async () => {
  server = await servePages(pageHeaders(), answer);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Opens a page and collects its console messages and its requests to other servers. */
const visit = async <T>(
  path: string,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<T>,
) => {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  try {
    const page = await context.newPage();
    const messages: string[] = [];
    const elsewhere: string[] = [];
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(error.message));
    page.on('dialog', (dialog) => messages.push(dialog.message()));
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:'))
        elsewhere.push(request.url());
    });
    await page.goto(`${server.url}${path}`);
    return { result: await look(page), messages, elsewhere };
  } finally {
    await context.close();
  }
};

const evilPath = `/databases/${encodeURIComponent(EVIL)}`;
const PATHS = [
  '/',
  '/?locale=pt-BR',
  '/?filter=zzz',
  '/?view=wall',
  '/none',
  '/error',
  '/databases/shop',
  '/databases/blog',
  '/databases/new',
  evilPath,
];
const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width })),
);
const asBrowser = ({ colorScheme, width }: (typeof LOOKS)[number]): BrowserContextOptions => ({
  colorScheme,
  viewport: { width, height: 900 },
});

describe('in a browser', () => {
  // Colours and widths do not depend on each other, so each is looked at once.
  test.each(LOOKS.filter(({ colorScheme, width }) => (colorScheme === 'dark') === (width === 390)))(
    'axe finds no problem on any page, $colorScheme and $width wide',
    async (look) => {
      // The content security policy blocks axe, which is a script. All other tests keep the policy.
      const { result } = await visit('/', { ...asBrowser(look), bypassCSP: true }, async (page) => {
        const found: unknown[] = [];
        for (const path of PATHS) {
          await page.goto(`${server.url}${path}${path.includes('?') ? '&' : '?'}part`);
          await page.evaluate(
            "for (const each of document.querySelectorAll('details')) each.open = true",
          );
          await page.evaluate(axe.source);
          const { violations, passes } = (await page.evaluate('axe.run()')) as {
            violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
            passes: unknown[];
          };
          expect(passes.length).toBeGreaterThan(10);
          found.push(
            ...violations.map(({ id, nodes }) => ({
              path,
              id,
              nodes: nodes
                .slice(0, 3)
                .map(({ failureSummary, html }) => `${html} ${failureSummary}`),
            })),
          );
        }
        return found;
      });
      expect(result).toEqual([]);
    },
  );

  test.each(LOOKS)(
    'no page logs to the console, calls another host, runs a script from a name or scrolls sideways, $colorScheme and $width wide',
    async (look) => {
      const { result, messages, elsewhere } = await visit('/', asBrowser(look), async (page) => {
        const seen: unknown[] = [];
        for (const path of PATHS) {
          await page.goto(`${server.url}${path}`);
          await page.evaluate(
            "for (const each of document.querySelectorAll('details')) each.open = true",
          );
          seen.push(
            await page.evaluate(
              '({ path: location.pathname, hurt: window.hurt ?? 0, beyond: document.documentElement.scrollWidth - innerWidth, scripts: document.scripts.length, sheets: document.styleSheets.length })',
            ),
          );
        }
        return seen;
      });
      expect([messages, elsewhere]).toEqual([[], []]);
      expect(result).toEqual(
        PATHS.map(
          (path) =>
            ({
              path: path.replace(/\?.*/, ''),
              hurt: 0,
              beyond: 0,
              scripts: 0,
              sheets: 1,
            }) satisfies object,
        ).map((each) => ({ ...each, path: expect.any(String) as string })),
      );
    },
  );

  test('the content security policy blocks an injected script, style and image', async () => {
    const asked: string[] = [];
    const other = await servePages({}, ({ pathname }) => {
      asked.push(pathname);
      return '';
    });
    const { result } = await visit('/', {}, (page) =>
      page.evaluate(`(async () => {
        const blocked = [];
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => blocked.push(effectiveDirective));
        const [script, image, style] = ['script', 'img', 'style'].map((name) => document.createElement(name));
        script.textContent = 'window.hurt = 1';
        style.textContent = '*{color:red}';
        image.src = '${other.url}/x.png';
        document.body.append(script, image, style);
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { hurt: 'hurt' in window, blocked: [...new Set(blocked)].sort() };
      })()`),
    );
    await other.close();
    expect(result).toEqual({
      hurt: false,
      blocked: ['img-src', 'script-src-elem', 'style-src-elem'],
    });
    expect(asked).toEqual([]);
  });

  test('the Tab key visits the content, the states, the filter, every database and its strip in order, each once', async () => {
    const { result } = await visit(
      '/',
      { viewport: { width: 1280, height: 900 } },
      async (page) => {
        const stops: string[] = [];
        for (let n = 0; n < 40; n += 1) {
          await page.keyboard.press('Tab');
          const stop = (await page.evaluate(
            "(() => { const e = document.activeElement; const ring = getComputedStyle(e).outlineStyle; return e === document.body ? 'end' : `${e.tagName} ${(e.textContent || e.id).trim().slice(0, 24)}${ring === 'none' ? ' WITHOUT RING' : ''}`; })()",
          )) as string;
          if (stop === 'end') break;
          stops.push(stop);
        }
        return stops;
      },
    );
    expect(result).toEqual([
      'A Skip to the content',
      'A Lifeboat',
      'A 2 Failing',
      'A 1 No backup',
      'A 1 Late',
      'A 1 Good',
      'INPUT filter',
      'BUTTON Filter',
      `A ${EVIL.slice(0, 24)}`,
      'SUMMARY 90 runs, 3 with problems',
      'A blog',
      'SUMMARY 90 runs, 3 with problems',
      'A new',
      'A wiki',
      'SUMMARY 90 runs, no problems',
      'A shop',
      'SUMMARY 90 runs, 2 with problems',
      'A How to restore',
      'A Wall display',
      'A JSON',
      'A Metrics',
    ]);
  });

  test('the keyboard opens the runs with problems and follows the link of one to the page of the database', async () => {
    const { result } = await visit(
      '/',
      { viewport: { width: 1280, height: 900 } },
      async (page) => {
        await page.locator('.card', { hasText: 'shop' }).locator('summary').focus();
        await page.keyboard.press('Enter');
        const seen = await page
          .locator('.card', { hasText: 'shop' })
          .locator('details li')
          .allInnerTexts();
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.waitForURL('**/databases/shop#run-*');
        return {
          seen,
          place: await page.evaluate<[boolean, string]>(
            "(() => { const run = document.querySelector(':target'); return [run.checkVisibility(), run.innerText]; })()",
          ),
        };
      },
    );
    expect(result.seen).toHaveLength(2);
    expect(result.seen[0]).toContain('source_busy');
    expect(result.place[0]).toBe(true);
    expect(result.place[1]).toContain('the database was busy for 30 s');
  });

  test('a strip has a tooltip for each day and a label that sums them up', async () => {
    const { result } = await visit('/', {}, async (page) => {
      const strip = page.locator('.card', { hasText: 'blog' }).locator('svg.strip').first();
      return {
        label: await strip.getAttribute('aria-label'),
        titles: await strip.locator('title').count(),
      };
    });
    expect(result).toEqual({ label: 'Last 90 runs: 87 succeeded, 3 failed', titles: 87 });
  });

  test('the filter and the way back work without scripts', async () => {
    const { result } = await visit('/', { javaScriptEnabled: false }, async (page) => {
      await page.getByLabel('Filter by name').fill('WIK');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/?filter=WIK');
      const shown = await page.locator('.card h3').allInnerTexts();
      const kept = await page.getByLabel('Filter by name').inputValue();
      await page.getByRole('link', { name: 'Show all' }).click();
      await page.waitForURL(`${server.url}/`);
      return { shown, kept, all: await page.locator('.card h3').count() };
    });
    expect(result).toEqual({ shown: ['wiki'], kept: 'WIK', all: 5 });
  });

  test('the link of a database with a hostile name opens its page', async () => {
    const { result, messages, elsewhere } = await visit('/', {}, async (page) => {
      await page.locator('.card h3 a', { hasText: 'evil.example' }).click();
      await page.waitForURL('**/databases/*');
      return page.locator('h1').innerText();
    });
    expect(result).toBe(EVIL);
    expect([messages, elsewhere]).toEqual([[], []]);
  });

  test('a wall display reloads the page and recovers from an error', async () => {
    const store = createMemoryStore();
    let away = false;
    const here = () => {
      if (away) throw new LifeboatError('store_unreachable', 'the store is away', 'Wait.');
      return store;
    };
    const reached = {
      ...store,
      list: (folder: string) => here().list(folder),
      read: (key: string) => here().read(key),
    };
    const { state } = await serveFunctions({ overrides: { store: reached } });
    const page = await browser.newPage();
    const shown = (text: string) => page.getByText(text).first().waitFor({ timeout: 60_000 });
    await page.goto(`${state}/?refresh=5`);
    const good = await page.locator('h1').innerText();
    away = true;
    await shown('the store is away');
    expect(await page.locator('h1').innerText()).not.toBe(good);
    away = false;
    await shown(good);
    await page.close();
  });
});
