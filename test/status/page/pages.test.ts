import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml } from '../../../core/lib/text/text.ts';
import { databasePage } from '../../../core/status/page/database/database.ts';
import { errorPage } from '../../../core/status/page/error.ts';
import { pageHeaders } from '../../../core/status/page/parts/headers.ts';
import type { PageOptions } from '../../../core/status/page/parts/view.ts';
import { filtered } from '../../../core/status/page/overview/filter.ts';
import { worstFirst } from '../../../core/status/condition.ts';
import { overviewPage } from '../../../core/status/page/overview/overview.ts';
import { databasePath } from '../../../core/status/page/parts/paths.ts';
import { pageEnglish as en } from '../../../core/status/page/words/en.ts';
import { pagePortuguese as ptBr } from '../../../core/status/page/words/pt-br.ts';
import {
  CONDITIONS,
  type Condition,
  type DatabaseDetail,
  type Reason,
} from '../../../core/documents/status.ts';
import { backupOn } from '../../../core/status/page/database/by-date.ts';
import { reasonCommands } from '../../../core/status/page/parts/next-steps.ts';
import {
  AT,
  blog,
  detail,
  documentOf,
  fresh,
  shop,
  three,
  wiki,
} from '../../support/status-document.ts';
import type { RunRecord } from '../../../core/documents/run.ts';

const options: PageOptions = {
  locale: 'en',
  base: '',
  store: 'gs://acme-backups/lifeboat',
  timeZone: 'UTC',
};
const LOCALES = ['en', 'pt-BR'] as const;
const as = (
  database: DatabaseDetail,
  name: string,
  condition: Condition = database.condition,
): DatabaseDetail => ({
  ...database,
  name,
  condition,
});
const names = (page: string): string[] =>
  [...page.matchAll(/<h3>\s*<a href="[^"]*"><bdi>([^<]*)<\/bdi>/g)].map(([, name = '']) => name);
const heading = (page: string): string => /<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? '';
const text = (page: string): string =>
  page
    .replaceAll(/<style>.*?<\/style>/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');
/** What no page may contain. */
const expectSound = (page: string): void => {
  expect(page).not.toMatch(/<script|<iframe|<img|="javascript:/i);
  const tags = page.replaceAll(/"[^"]*"/g, '""').match(/<[a-z][^>]*>/gi) ?? [];
  expect(tags.filter((tag) => /\s(style|on[a-z]+)\s*=/i.test(tag))).toEqual([]);
  expect(page.replace(/<style>.*?<\/style>/, '')).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  expect(text(page)).not.toMatch(/undefined|\[object|NaN|Invalid Date|null/);
  expect(page).not.toMatch(/="(undefined|NaN|null)|\bNaN\b/);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
};

describe('the overview', () => {
  test('has the worst first, and by name among equals', () => {
    const mixed = ['b', 'a'].flatMap((letter) =>
      CONDITIONS.map((condition) => as(shop(), `${condition}-${letter}`, condition)),
    );
    expect(names(overviewPage(documentOf(mixed), options))).toEqual(
      ['failing', 'missing', 'late', 'attention', 'good'].flatMap((condition) => [
        `${condition}-a`,
        `${condition}-b`,
      ]),
    );
  });

  test.each([
    [[], 'No databases are configured.', 'Nenhum banco de dados está configurado.'],
    [[shop()], 'shop is backed up.', 'O backup de shop está em dia.'],
    [
      [shop(), as(shop(), 'b')],
      'Both databases are backed up.',
      'Os backups dos dois bancos estão em dia.',
    ],
    [
      [shop(), as(shop(), 'b'), as(shop(), 'c')],
      'All 3 databases are backed up.',
      'Os backups dos 3 bancos estão em dia.',
    ],
    [
      [shop(), blog(), wiki()],
      'Backups of blog are failing; wiki is late.',
      'Os backups de blog estão falhando; wiki está atrasado.',
    ],
    [
      [blog(), { ...as(shop(), 'x', 'failing'), reasons: ['restore-test-failed' as const] }],
      'Backups of blog are failing; x failed its last restore test.',
      'Os backups de blog estão falhando; x não passou no último teste de restauração.',
    ],
    [[fresh(), fresh('other')], 'new and other have no backup.', 'new e other estão sem backup.'],
    [[as(shop(), 'x', 'attention')], 'x needs attention.', 'x precisa de atenção.'],
    [
      Array.from({ length: 7 }, (_, n) => as(shop(), `d${n}`, n === 0 ? 'late' : 'failing')),
      '6 of 7 databases are failing, 1 is late.',
      '6 de 7 bancos estão falhando, 1 está atrasado.',
    ],
  ])('of case %# sums up the state in one sentence', (databases, english, portuguese) => {
    expect(
      LOCALES.map((locale) => heading(overviewPage(documentOf(databases), { ...options, locale }))),
    ).toEqual([english, portuguese]);
  });

  test.each([
    [[shop()], 'It passed its last restore test.'],
    [[shop(), blog()], 'shop is fine. Every database passed its last restore test.'],
    [
      [shop(), as(shop(), 'b'), fresh()],
      'b and shop are fine. 2 of 3 databases passed their last restore test.',
    ],
    [[fresh()], 'No restore test has run yet.'],
    [
      ['a', 'b', 'c', 'd', 'e'].map((name) => as(shop(), name)).concat(blog()),
      'The other 5 are fine. Every database passed its last restore test.',
    ],
  ])('of case %# says how the restore tests went', (databases, sentence) =>
    expect(text(overviewPage(documentOf(databases), options))).toContain(sentence),
  );

  test('shows the last backup, restore test, next backup and kept backups of each database', () => {
    const page = text(overviewPage(documentOf([shop(), wiki()]), options));
    for (const answer of [
      'Last backup 6 hours ago 24 Nov, 03:00 · 214 MiB · incremental · verified',
      'Restore test 9 days ago 15 Nov, 06:30 · passed · restored in 9.6 s',
      'Next backup in 17 hours 25 Nov, 03:00 · from Cloud Scheduler',
      'Backup was due 1 day ago 23 Nov, 05:30 · planned in lifeboat.yaml',
      'Kept 89 backups',
      'until 19 Oct 2029',
      '90 runs, 2 with problems',
    ])
      expect(page).toContain(answer);
  });

  test('shows a current failure with its code and hint, and folds a past one away', () => {
    const page = overviewPage(three(), options);
    expect(page.match(/class="trouble current"/g)).toHaveLength(1);
    expect(text(page)).toContain(
      'Last failure 5 hours ago · source_unreachable · step snapshot ssh to backup@10.0.0.5 failed',
    );
    expect(page).toContain('then run <code>lifeboat backup blog</code>.');
    expect(page).toContain('the database was busy for 30 s');
  });

  test.each([
    ['', ['blog', 'wiki', 'shop']],
    ['  SHO ', ['shop']],
    ['o', ['blog', 'shop']],
    ['<script>', []],
  ])('filtered by %j shows %j', (filter, shown) => {
    const page = overviewPage(three(), { ...options, filter });
    expect(names(page)).toEqual(shown);
    expectSound(page);
    expect(heading(page)).toBe('Backups of blog are failing; wiki is late.');
  });

  test('has all links below the base, and a form with the method GET', () => {
    const page = overviewPage(three(), { ...options, base: '/status', filter: 'w' });
    const links = [...page.matchAll(/(?:href|action)="(\/[^"]*)"/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !/^\/status(\/|\?|$)/.test(link))).toEqual([]);
    expect(links).toContain('/status/databases/wiki');
    expect(page).toMatch(/<form[^>]*method="get"[^>]*action="\/status"/);
  });

  test.each(LOCALES)(
    'of 500 databases in %s has pages of fifty, each below 1 MiB, and few stops for the keyboard',
    (locale) => {
      const kinds = [shop(), blog(), wiki()] as const;
      const many = Array.from({ length: 500 }, (_, n) =>
        as(n % 50 === 0 ? kinds[1] : n % 70 === 0 ? kinds[2] : kinds[0], `tenant-${n}`),
      );
      const pages = Array.from({ length: 10 }, (_, n) =>
        overviewPage(documentOf(many), { ...options, locale, page: n + 1 }),
      );
      const linked = pages.flatMap((page) =>
        [...page.matchAll(/href="\/databases\/(tenant-\d+)"/g)].map(([, name]) => name),
      );
      expect([linked.length, new Set(linked).size]).toEqual([500, 500]);
      for (const each of pages) expect(Buffer.byteLength(each)).toBeLessThan(1 << 20);
      const [page = ''] = pages;
      expectSound(page);
      // The keyboard does not reach the inside of a closed <details>.
      const outside = page.replaceAll(
        /(<details[^>]*>\s*<summary>.*?<\/summary>).*?<\/details>/g,
        '$1',
      );
      expect(outside.match(/<(a|summary|input|button) ?/g)?.length).toBeLessThan(500 * 2 + 12);
    },
  );
});

describe('the overview of many databases', () => {
  const good = (count: number) => {
    const database = shop();
    return Array.from({ length: count }, (_, n) => as(database, `good-${n}`));
  };
  const failing = (name: string): DatabaseDetail => {
    const error = {
      at: AT,
      code: 'source_unreachable',
      message: `ssh to ${name} failed: connect ETIMEDOUT`,
      hint: `Run \`lifeboat backup ${name}\`.`,
    };
    return { ...as(blog(), name), lastFailure: error };
  };

  test('gives a good one a line instead of a card when there are more than twelve', () => {
    const page = overviewPage(documentOf([...good(12), blog()]), options);
    expect(page.match(/<li class="row good"/g)).toHaveLength(12);
    expect(page.match(/<li class="card failing"/g)).toHaveLength(1);
    expect(overviewPage(documentOf(good(12)), options)).not.toContain('<li class="row');
  });

  test('shows a failure that three databases share once, with all their names', () => {
    const page = overviewPage(
      documentOf([...['a', 'b', 'c'].map(failing), blog(), ...good(2)]),
      options,
    );
    expect(text(page)).toContain('3 databases Failing a b c Last failure');
    expect(page).toContain('ssh to &lt;database&gt; failed');
    expect(page).toContain('<code>lifeboat backup &lt;database&gt;</code>');
    expect(page.match(/class="trouble current"/g)).toHaveLength(2);
    const two = overviewPage(documentOf(['a', 'b'].map(failing)), options);
    expect(two.match(/class="trouble current"/g)).toHaveLength(2);
    expectSound(page);
  });

  test('has a link for each state, which leads to the databases in it', () => {
    const document = documentOf([blog(), wiki(), ...good(60)]);
    const page = overviewPage(document, { ...options, base: '/status', filter: 'o' });
    expect(page).toMatch(/href="\/status\?filter=o&amp;state=good" ?>/);
    const late = overviewPage(document, { ...options, state: 'late' });
    expect(names(late)).toEqual(['wiki']);
    expect(late).toMatch(/href="\/\?state=late" aria-current="true"/);
    expect(text(late)).toContain('1 of 62 databases');
    expect(text(overviewPage(document, { ...options, state: 'missing' }))).toContain(
      'No database is in this state.',
    );
  });

  test('keeps the filter and the state on the way to the next page', () => {
    const document = documentOf([blog(), ...good(120)]);
    const page = overviewPage(document, { ...options, state: 'good', filter: 'good', page: 2 });
    expect(text(page)).toContain('Page 2 of 3');
    expect(page).toContain('rel="prev" href="/?filter=good&amp;state=good"');
    expect(page).toContain('rel="next" href="/?filter=good&amp;state=good&amp;page=3"');
    expect(page).toContain('<input type="hidden" name="state" value="good"/>');
    expect(text(overviewPage(document, { ...options, page: 99 }))).toContain('Page 3 of 3');
  });

  test('of 5,000 databases that fail in different ways is below 1 MiB', () => {
    // Created once: the records of a year take longer to make than the page.
    const database = blog();
    const many = Array.from({ length: 5000 }, (_, n) => ({
      ...as(database, `tenant-${n}`),
      lastFailure: { at: AT, code: 'internal', message: `reason ${n}`, hint: 'Look.' },
    }));
    const page = overviewPage(documentOf(many), options);
    expect(page.match(/class="trouble current"/g)).toHaveLength(50);
    expect(Buffer.byteLength(page)).toBeLessThan(1 << 20);
  });

  test('has no filter for fewer than five databases, and no count for one', () => {
    expect(overviewPage(documentOf(good(4)), options)).not.toContain('<form');
    expect(overviewPage(documentOf(good(5)), options)).toContain('<form');
    expect(overviewPage(documentOf(good(1)), options)).not.toContain('class="counts"');
  });

  test('for a wall shows the worst as tiles, without a form', () => {
    const page = overviewPage(documentOf([blog(), wiki(), ...good(60)]), {
      ...options,
      view: 'wall',
    });
    expect(page.match(/class="tile /g)).toHaveLength(18);
    expect(names(page).slice(0, 2)).toEqual(['blog', 'wiki']);
    expect(text(page)).toContain('and 44 more databases');
    expect(page).not.toContain('<form');
    expectSound(page);
  });
});

describe('what to do', () => {
  const REASONS = Object.keys(en.reason) as Reason[];
  test.each(REASONS)('about %s stands on both pages, with a command', (reason) => {
    const database = { ...as(wiki(), '-x y', 'attention'), reasons: [reason], lastFailure: null };
    for (const locale of LOCALES)
      for (const page of [
        overviewPage(documentOf([database]), { ...options, locale }),
        databasePage(database, AT, { ...options, locale }),
      ]) {
        const words = locale === 'en' ? en : ptBr;
        expectSound(page);
        expect(text(page)).toContain(words.step[reason]);
        for (const command of reasonCommands(reason, database))
          expect(page).toContain(`<code class="command">${escapeHtml(command)}</code>`);
      }
  });

  test('about a failed backup is said once when the failure says it', () => {
    const page = text(overviewPage(documentOf([blog()]), options));
    expect(page).toContain('What to do Check that the host is up');
    expect(page).not.toContain(en.step['backup-failed']);
  });

  test('quotes a name for the shell, and takes none for an option', () => {
    const never = { name: "-x y'", nextFrom: 'configuration', lastScheduled: null } as const;
    expect(reasonCommands('late', never)).toEqual([
      `lifeboat backup -- '-x y'\\'''`,
      'lifeboat doctor',
    ]);
  });

  test('before a schedule has ever started a run says so instead of promising the next backup', () => {
    const planned = { ...shop(), nextFrom: 'configuration' as const, lastScheduled: null };
    for (const page of [
      overviewPage(documentOf([planned]), options),
      databasePage(planned, AT, options),
    ])
      expect(text(page)).toContain('no run has ever been started by a schedule');
    expect(text(overviewPage(documentOf([shop()]), options))).not.toContain('ever been started');
  });
});

describe('the field for a date', () => {
  test.each([
    ['2026-11-20', '20 Nov 2026', '2026-11-20'],
    ['2027-01-01', '1 Jan 2027', '2026-11-24'],
  ])('%s leads to the newest backup of that day or before', (on, date, day) => {
    const page = databasePage(shop(), AT, { ...options, on });
    const entry = shop().history.find(({ takenAt }) => takenAt.startsWith(day));
    expect(text(page)).toContain(`The last backup up to the end of ${date}:`);
    expect(page).toContain(`<a href="#${entry?.id}">`);
    expect(page).toContain(`value="${on}"`);
    expectSound(page);
  });

  test('before the first backup says that there is none', () => {
    const page = databasePage(shop(), AT, { ...options, on: '2020-01-01' });
    expect(text(page)).toContain('There is no backup from 1 Jan 2020 or before.');
  });

  test('counts days in the time zone, and leaves out a damaged backup', () => {
    const [newest, second] = shop().history;
    if (!newest || !second) throw new Error('no history');
    const late = { ...newest, takenAt: '2026-11-25T02:00:00Z' };
    expect(backupOn([late, second], '2026-11-24', 'America/Sao_Paulo')).toBe(late);
    expect(backupOn([late, second], '2026-11-24', 'UTC')).toBe(second);
    const damaged = { ...late, fault: { level: 'damaged', since: AT, by: 'verify', problem: 'x' } };
    expect(backupOn([damaged as never, second], '2026-11-24', 'America/Sao_Paulo')).toBe(second);
  });

  test.each(['x', '2026-11-24"><script>', ''])('ignores %j', (on) => {
    const page = databasePage(shop(), AT, { ...options, on });
    expectSound(page);
    expect(text(page)).not.toContain('The last backup up to');
  });
});

test('the footer has the version', () => {
  expect(text(overviewPage(three(), { ...options, version: '1.2.3' }))).toContain('Lifeboat 1.2.3');
});

describe('hostile values', () => {
  const NAMES = [
    '<script>alert(1)</script>',
    `"'><img src=x onerror=alert(1)>`,
    '100% a/b?c#d',
    '日本 😀',
    '\u202egpj.exe',
    '\ud800',
    '',
    '-rf',
    '__proto__',
  ];
  test.each(NAMES)('such as a database called %j stay text, and the links lead to it', (name) => {
    for (const locale of LOCALES) {
      const database = {
        ...as(blog(), name),
        history: blog().history.map((entry) => ({ ...entry, database: name })),
      };
      const overview = overviewPage(documentOf([database, shop()]), {
        ...options,
        locale,
        store: name,
        filter: name.slice(0, 3),
      });
      const page = databasePage(database, AT, { ...options, locale, store: name });
      for (const each of [overview, page]) expectSound(each);
      expect(overview).toContain(`href="${escapeHtml(databasePath('', name))}"`);
      expect(decodeURIComponent(databasePath('', name))).toBe(`/databases/${name.toWellFormed()}`);
    }
  });

  test('of every field of a run and a backup stay text', () => {
    const evil = fc.oneof(
      fc.constantFrom(
        '<script>',
        `"'><svg onload=x>`,
        '`',
        '${a}',
        '</title></style>',
        '\u2028',
        '\ud800',
        '-->',
        '__proto__',
        'constructor',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(evil, evil, evil, fc.constantFrom(...LOCALES), (a, b, c, locale) => {
        const base = shop();
        const error = { at: a, code: b, message: c, hint: a, step: b };
        const database: DatabaseDetail = {
          ...base,
          condition: 'failing',
          reasons: ['backup-failed'],
          name: a,
          lastFailure: error,
          lastRestoreTest: {
            at: b,
            ok: false,
            id: c,
            durationMs: 1,
            problem: a,
            takenAt: b,
            size: 1,
          },
          nextBackup: c,
          keptUntil: a,
          runs: base.runs.slice(-3).map((run, n): RunRecord => ({
            ...run,
            run: `${n}${a}`,
            endedAt: b,
            reason: c,
            ok: false,
            error,
          })),
          history: base.history.slice(0, 3).map((entry, n) => ({
            ...entry,
            id: `${n}${c}`,
            takenAt: a,
            expires: b,
            reason: c,
            rows: { [a]: 1, [b]: 2 },
          })),
          manifest: { [a]: b },
        };
        for (const page of [
          overviewPage(documentOf([database]), {
            ...options,
            locale,
            store: c,
            filter: '',
            timeZone: a,
          }),
          databasePage(database, AT, { ...options, locale, store: b, timeZone: b }),
          errorPage({ code: a, message: b, hint: c }, { ...options, locale, store: a }),
        ]) {
          expect(page).not.toMatch(/<(script|img|iframe)|<svg onload|<\/title><\/style>/);
          expect(page.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the page of a database', () => {
  test('shows the chain of each incremental and the command that restores each backup', () => {
    const page = databasePage(shop(), AT, options);
    const [newest] = shop().history;
    expect(text(page)).toContain('Chain from 22 Nov 2026 2 incrementals · 74.2 MiB stored');
    expect(page).toContain(
      `lifeboat restore shop --at ${newest?.id} --to shop.sqlite3 --store gs://acme-backups/lifeboat`,
    );
    expect(page.match(/lifeboat restore shop --at/g)).toHaveLength(shop().history.length + 1);
    expect(text(page)).toContain(`based on ${newest?.parent}`);
    expectSound(page);
  });

  test('draws sizes with axes, and describes the charts for screen readers', () => {
    const page = databasePage(shop(), AT, options);
    expect(page).toMatch(
      /aria-label="Database size: from 137\.8 MiB to 214 MiB in 89 backups\. The list of backups has the numbers\."/,
    );
    for (const tick of ['0 B', '100 MiB', '200 MiB', '300 MiB', '20 MiB', '80 MiB'])
      expect(page).toContain(`<li>${tick}</li>`);
  });

  test('shows the rows of the eight largest tables and counts the others', () => {
    const page = text(databasePage(shop(), AT, options));
    expect(page).toContain('audit_log 902,144');
    expect(page).toContain('coupons 240');
    expect(page).toContain('and 1 smaller table');
    expect(page).not.toContain('django_migrations 88');
  });

  test('lists every run with its own anchor, and failures with code, message and hint', () => {
    const page = databasePage(blog(), AT, options);
    expect(page.match(/id="run-/g)).toHaveLength(90);
    expect(text(page)).toContain(
      'source_unreachable · snapshot ssh to backup@10.0.0.5 failed: connect ETIMEDOUT 10.0.0.5:22',
    );
    const linked = [...overviewPage(three(), options).matchAll(/blog#(run-[^"]*)"/g)].map(
      ([, anchor]) => anchor,
    );
    expect(linked.length).toBeGreaterThan(0);
    for (const anchor of linked) expect(page).toContain(`id="${anchor}"`);
  });

  test.each(LOCALES)('that never had a backup says so, in %s', (locale) => {
    const page = databasePage(fresh(), AT, { ...options, locale });
    expectSound(page);
    expect(page).not.toContain('lifeboat restore');
  });

  test.each(LOCALES)(
    'with one backup, sizes of zero and records without details is complete, in %s',
    (locale) => {
      const one = detail({ name: 'one', ago: 0, size: 0, backups: 1 });
      const bare = one.runs.map(({ backup: _backup, ...run }): RunRecord => ({
        ...run,
        ok: false,
        steps: {},
      }));
      const page = databasePage(
        { ...one, runs: [...one.runs, ...bare.map((run) => ({ ...run, run: 'bare' }))] },
        AT,
        { ...options, locale },
      );
      expectSound(page);
      expectSound(overviewPage(documentOf([{ ...one, runs: bare }]), { ...options, locale }));
    },
  );

  test('with a failed restore test shows the problem', () => {
    const tested = {
      at: AT,
      ok: false,
      id: null,
      durationMs: 12,
      problem: 'orders: 3 rows, 4 were recorded',
    };
    const page = text(databasePage({ ...shop(), lastRestoreTest: tested }, AT, options));
    expect(page).toContain('orders: 3 rows, 4 were recorded');
  });
});

describe('the page of an error', () => {
  test.each([
    ['not_found', 'Page not found.', 'Página não encontrada.'],
    ['usage', 'This address is invalid.', 'Há um erro neste endereço.'],
    [
      'store_unreachable',
      'The status is not available right now.',
      'O status não está disponível no momento.',
    ],
  ])('%s has a title and a hint', (code, english, portuguese) => {
    const error = { code, message: 'what happened', hint: 'Run `lifeboat doctor`.' };
    const pages = LOCALES.map((locale) => errorPage(error, { ...options, locale }));
    expect(pages.map(heading)).toEqual([english, portuguese]);
    for (const page of pages) {
      expectSound(page);
      expect(page).toContain('<code>lifeboat doctor</code>');
    }
  });
});

test('the page of a refused form says so, instead of naming a mistake in the address', () => {
  const error = { code: 'usage', message: 'what happened', hint: 'Load it.', isRefusedForm: true };
  const pages = LOCALES.map((locale) => errorPage(error, { ...options, locale }));
  expect(pages.map(heading)).toEqual([
    'This form is no longer valid.',
    'Este formulário não é mais válido.',
  ]);
  expect(text(pages[1] ?? '')).toContain('Carregue a página do banco de novo');
  for (const page of pages) expect(page).toContain('Load it.');
});

test('the page of an error says in Portuguese what to do, and keeps the English hint', () => {
  const error = { code: 'store_denied', message: 'what happened', hint: 'Ask the owner.' };
  const page = errorPage(error, { ...options, locale: 'pt-BR' });
  expectSound(page);
  expect(text(page)).toContain('Dê ao usuário ou à conta de serviço acesso ao destino dos backups');
  expect(page).toContain('<span lang="en">Ask the owner.</span>');
});

test('the page of an unknown database names it in both languages, instead of the message and hint', () => {
  const error = { code: 'not_found', message: 'no message', hint: 'No hint.', database: '<b>' };
  const [english = '', portuguese = ''] = LOCALES.map((locale) =>
    errorPage(error, { ...options, locale }),
  );
  expect(english).toContain('There is no database called “&lt;b&gt;”.');
  expect(portuguese).toContain('Não há nenhum banco de dados chamado “&lt;b&gt;”.');
  for (const page of [english, portuguese]) {
    expectSound(page);
    expect(page).not.toMatch(/no message|No hint/);
  }
});

describe('the headers of a page', () => {
  test('allow only its own style sheet, by its hash', () => {
    const policy = pageHeaders()['content-security-policy'];
    const style = /<style>(.*?)<\/style>/s.exec(overviewPage(three(), options))?.[1] ?? '';
    expect(policy).toContain(
      `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    );
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(pageHeaders()).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('the words', () => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]))
      : typeof value;
  const strings = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(strings)
        : [];
  test('have the same keys in both languages, and none is empty', () => {
    expect(shape(ptBr)).toEqual(shape(en));
    for (const words of [en, ptBr])
      expect(strings(words).filter((word) => word.trim() === '')).toEqual([]);
  });

  test('leave no English on a Portuguese page except error messages', () => {
    const page = text(
      databasePage(
        { ...shop(), lastFailure: null, runs: shop().runs.filter(({ ok }) => ok), manifest: null },
        AT,
        {
          ...options,
          locale: 'pt-BR',
        },
      ),
    );
    expect(page).not.toMatch(
      /\b(backups? (of|is)|good|failed|until|stored|days ago|runs|rows|size|next|last|kept|verified|full)\b/i,
    );
  });
});

describe('order and filter', () => {
  test('do not change their arguments', () => {
    const document = three();
    const before = JSON.stringify(document);
    worstFirst(document.databases);
    filtered(document.databases, 'x');
    expect(JSON.stringify(document)).toBe(before);
  });
});
