import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, escapeMarkup, fit, oneLine } from '../../core/lib/text/text.ts';
import { englishMessages } from '../../core/notify/message/words/en.ts';
import { portugueseMessages } from '../../core/notify/message/words/pt-br.ts';
import { logLink } from '../../core/notify/message/log-link.ts';
import { messageOf } from '../../core/notify/message/message.ts';
import { NOTIFICATION_KINDS, type Notification } from '../../core/notify/notification.ts';
import { slack, telegram } from '../fakes/notification-services.ts';
import {
  ALARMS,
  alarmSample,
  HOSTILE,
  restoreTestRows,
  SAMPLES,
} from '../support/notifications.ts';

const request = (path: string, body: unknown) => ({
  method: 'POST',
  path,
  headers: {},
  body: JSON.stringify(body),
});
const slackTakes = (body: unknown) => slack('/x').ok(request('/x', body)).body;
const telegramTakes = (text: string) =>
  telegram('1:a', 'c').ok(
    request('/bot1:a/sendMessage', { chat_id: 'c', parse_mode: 'HTML', text }),
  ).status;
/** Every tag of a page, and what is left between them. */
const tagsOf = (html: string): string[] =>
  [...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name = '']) => name.toLowerCase());
const SAFE = new Set([
  'html',
  'head',
  'meta',
  'title',
  'style',
  'body',
  'div',
  'table',
  'tr',
  'td',
  'th',
  'h1',
  'h2',
  'p',
  'span',
  'a',
  'details',
  'summary',
]);

describe('the subject', () => {
  test.each([
    [
      'failed',
      '[Lifeboat] shop: backup failed (source_unreachable)',
      '[Lifeboat] shop: o backup falhou (source_unreachable)',
    ],
    [
      'still-failing',
      '[Lifeboat] shop: backups are still failing (source_unhealthy)',
      '[Lifeboat] shop: os backups continuam falhando (source_unhealthy)',
    ],
    [
      'guard',
      '[Lifeboat] shop: backup refused by the guard (source_suspicious)',
      '[Lifeboat] shop: backup recusado pela proteção (source_suspicious)',
    ],
    ['late', '[Lifeboat] shop: backup is late (stale)', '[Lifeboat] shop: backup atrasado (stale)'],
    ['missing', '[Lifeboat] shop: no backup (stale)', '[Lifeboat] shop: nenhum backup (stale)'],
    [
      'copy-failing',
      '[Lifeboat] shop: copying the backup failed (store_unreachable)',
      '[Lifeboat] shop: a cópia do backup falhou (store_unreachable)',
    ],
    [
      'hook-failing',
      '[Lifeboat] shop: the hook after the backup failed (hook_failed)',
      '[Lifeboat] shop: o comando depois do backup falhou (hook_failed)',
    ],
    [
      'space-low',
      '[Lifeboat] shop: space is running low (insufficient_space)',
      '[Lifeboat] shop: pouco espaço livre (insufficient_space)',
    ],
    [
      'watch-alarm',
      '[Lifeboat] shop: a schedule does not run as configured (stale)',
      '[Lifeboat] shop: um agendamento não roda como configurado (stale)',
    ],
    ['recovered', '[Lifeboat] shop: problem resolved', '[Lifeboat] shop: problema resolvido'],
    [
      'digest',
      '[Lifeboat] 200 databases have problems (backup_damaged, source_unreachable, stale)',
      '[Lifeboat] 200 bancos com problemas (backup_damaged, source_unreachable, stale)',
    ],
    [
      'digest-recovered',
      '[Lifeboat] 197 databases: problems resolved',
      '[Lifeboat] 197 bancos: problemas resolvidos',
    ],
    [
      'restore-test-passed',
      '[Lifeboat] Restore test passed: 4 of 4 databases passed',
      '[Lifeboat] Teste de restauração aprovado: 4 de 4 bancos passaram no teste',
    ],
    [
      'restore-test-failed',
      '[Lifeboat] Restore test failed: 17 of 20 databases passed',
      '[Lifeboat] Teste de restauração reprovado: 17 de 20 bancos passaram no teste',
    ],
    [
      'sample',
      '[Lifeboat] This is a test notification',
      '[Lifeboat] Esta é uma notificação de teste',
    ],
  ] as const)('of %s names database and fault', (kind, english, portuguese) => {
    expect([
      messageOf(SAMPLES[kind], 'en').subject,
      messageOf(SAMPLES[kind], 'pt-BR').subject,
    ]).toEqual([english, portuguese]);
  });
});

describe('a message', () => {
  test('says what failed, what to do, why, the last good backup, the next try, the machine and the store, in this order', () => {
    expect(messageOf(SAMPLES.failed, 'en').text).toBe(`shop: backup failed

The last run made no backup. Earlier backups are not affected.

What to do:
Check that the host is up and that the connector of the network reaches it.
Then back it up: \`lifeboat backup shop\`

Reason:           ssh to backup@10.0.0.5 failed: connect ETIMEDOUT 10.0.0.5:22
Last good backup: 22 Nov 2026, 03:00 GMT-3 (2 days ago), 700 MiB, 20261122T060000Z-9f8e7d6c
Next try:         25 Nov 2026, 03:00 GMT-3 (in 23 hours)
Machine:          web-1
Store:            gs://acme-backups

Since:            23 Nov 2026, 03:00 GMT-3 (1 day ago)
Database:         shop
Failed step:      snapshot
Code:             source_unreachable
When:             24 Nov 2026, 03:00 GMT-3
Run:              20261124T060000Z-1a2b3c4d-5e6f7a8b

Open the log of this run:
${logLink('acme-backups', '20261124T060000Z-1a2b3c4d-5e6f7a8b', '2026-11-24T06:00:41.512Z')}

-- 
Sent by lifeboat 0.1.0
`);
  });

  test('of a recovery names the date on which the problem began', () => {
    expect(messageOf(SAMPLES.recovered, 'en').text).toContain(
      'The problem reported on 23 Nov 2026 is resolved.',
    );
    expect(messageOf(SAMPLES.recovered, 'pt-BR').text).toContain(
      'O problema avisado em 23 de nov. de 2026 foi resolvido.',
    );
  });

  test('gives reason and advice in Portuguese, and the original message to search for', () => {
    const { text } = messageOf(SAMPLES.failed, 'pt-BR');
    expect(text).toContain(`O que fazer:
Confira se o servidor está no ar, se a rede chega até ele e se as credenciais valem; depois, execute \`lifeboat backup shop\`.

Motivo:              O Lifeboat não conseguiu acessar a origem do banco de dados.
Último backup bom:   22 de nov. de 2026, 03:00 BRT (há 2 dias), 700 MiB, 20261122T060000Z-9f8e7d6c
Próxima tentativa:   25 de nov. de 2026, 03:00 BRT (em 23 horas)
Máquina:             web-1
Destino dos backups: gs://acme-backups
`);
    expect(text).toContain(
      'Mensagem de erro:    ssh to backup@10.0.0.5 failed: connect ETIMEDOUT 10.0.0.5:22',
    );
  });

  test.each(Object.keys(ALARMS))(
    'of the alarm %s has a headline and a lead of its own in both languages',
    (alarm) => {
      const sample = alarmSample(ALARMS[alarm] ?? ALARMS['objects']!);
      const general = alarmSample({ ...ALARMS['objects']!, step: 'a check of a newer version' });
      for (const locale of ['en', 'pt-BR'] as const) {
        const [title, lead] = messageOf(sample, locale).text.split('\n\n');
        const [otherTitle, otherLead] = messageOf(general, locale).text.split('\n\n');
        expect([title, lead]).not.toContain(otherTitle);
        expect([title, lead]).not.toContain(otherLead);
      }
    },
  );

  test.each(['objects', 'bucket', 'holds', 'restore-test', 'inspection', 'salvage', 'store'])(
    'of the alarm %s does not say that backups are not affected',
    (alarm) => {
      const sample = alarmSample(ALARMS[alarm] ?? ALARMS['objects']!);
      expect(messageOf(sample, 'en').text).not.toMatch(/not affected|intact/);
      expect(messageOf(sample, 'pt-BR').text).not.toMatch(/não foram afetados|intactos/);
    },
  );

  test('of a digest has a section for each cause, the worst first, and names every database once', () => {
    const { text } = messageOf(SAMPLES.digest, 'en');
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      'shop: a backup is damaged',
      '197 databases: backup failed on 10.0.0.5',
      '2 databases: backup is late',
    ]);
    expect(text).toContain('tenant-001, tenant-002');
    expect(text).toContain('and 167 more');
    expect(text).toContain('Run `lifeboat backup <database>` now');
  });

  test('of a digest of a hundred causes is taken by every service, and counts what it leaves out', () => {
    const groups = Array.from({ length: 100 }, (_, n) => ({
      kind: 'failed' as const,
      host: `host-${n}.example.com`,
      fault: {
        step: 'snapshot',
        code: 'source_unreachable',
        message: '<&>'.repeat(900),
        hint: 'x'.repeat(3000),
      },
      databases: Array.from({ length: 50 }, (_each, at) => `tenant-${n}-${at}`),
    }));
    const { at, timeZone, tool } = SAMPLES.digest;
    const message = messageOf({ kind: 'digest', at, timeZone, tool, groups }, 'en');
    expect([slackTakes(message.slack), telegramTakes(message.telegram)]).toEqual(['ok', 200]);
    expect(Buffer.byteLength(message.html)).toBeLessThan(102_000);
    expect(message.text).toContain('… and 88 more');
    expect(message.telegram).toMatch(/… and \d+ more/);
    expect(message.webhook).toMatchObject({ kind: 'digest', groups: { length: 100 } });
  });

  test.each(NOTIFICATION_KINDS)('%s carries the same facts in each form', (kind) => {
    const { text, html, slack, telegram, webhook } = messageOf(SAMPLES[kind], 'en');
    const facts = [
      SAMPLES[kind].run ?? '',
      ...('database' in SAMPLES[kind] ? ['shop'] : []),
      ...(kind.startsWith('digest') ? ['tenant-001', 'source_unreachable', '10.0.0.5'] : []),
      'lifeboat 0.1.0',
    ];
    for (const form of [text, html, JSON.stringify(slack), telegram, JSON.stringify(webhook)])
      for (const fact of facts) expect(form).toContain(fact);
    expect([slackTakes(slack), telegramTakes(telegram)]).toEqual(['ok', 200]);
  });

  test('of a restore test shows the databases that failed, with the reason, and folds those that passed', () => {
    const { text, telegram, slack } = messageOf(SAMPLES['restore-test-failed'], 'en');
    const rows = text.split('\n').filter((line) => line.startsWith('- '));
    expect(rows.map((row) => row.split(' · ')[0])).toEqual([
      '- tenant-03: failed',
      '- tenant-10: failed',
      '- tenant-17: failed',
    ]);
    expect(rows[0]).toContain('orders has 41200');
    expect(text).toContain('17 others passed: tenant-01, tenant-02, tenant-04');
    for (const form of [telegram, JSON.stringify(slack)])
      expect(form).toContain('17 others passed');
    expect(telegram.match(/✗/g)).toHaveLength(3);
    expect(JSON.stringify(slack).match(/✗/g)).toHaveLength(3);
  });

  test('of a thousand databases is still a mail that is shown whole, and a message that services take', () => {
    const notification: Notification = {
      ...SAMPLES['restore-test-failed'],
      kind: 'restore-test-failed',
      databases: restoreTestRows(1000, 1000),
    };
    const { html, slack, telegram, text, webhook } = messageOf(notification, 'pt-BR');
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
    expect([slackTakes(slack), telegramTakes(telegram)]).toEqual(['ok', 200]);
    const failures = 143;
    expect(text).toContain(`e mais ${failures - 100} bancos`);
    for (const form of [telegram, JSON.stringify(slack)]) {
      const rows = form.match(/✗ /g)?.length ?? 0;
      expect(rows).toBeGreaterThan(5);
      expect(form).toContain(`e mais ${failures - rows} bancos`);
      expect(form).toContain(`Os outros ${1000 - failures} bancos passaram`);
    }
    expect(webhook).toMatchObject({ lifeboat: 1, databases: { length: 1000 } });
  });

  test('of a restore test that all passed shows ten databases and folds the others', () => {
    const notification: Notification = {
      ...SAMPLES['restore-test-passed'],
      kind: 'restore-test-passed',
      databases: restoreTestRows(30, 0),
    };
    const { text, html } = messageOf(notification, 'en');
    expect(text.match(/^- tenant/gm)).toHaveLength(10);
    expect(text).toContain('20 others passed: tenant-11');
    expect(html).toContain('>20 others passed</summary>');
    expect(html.match(/✓/g)).toHaveLength(30);
  });

  test.each([
    ['there is no backup', 'não existe nenhum backup'],
    [
      'the newest backup is 3.2 days old, and its schedule asks for a newer one',
      'o último backup tem 3.2 dias',
    ],
    [
      '20261122T060000Z-9f8e7d6c: the table orders has 41200 rows instead of 41377',
      '20261122T060000Z-9f8e7d6c: a tabela orders tem 41200 linhas em vez de 41377',
    ],
    ['the table a b cannot be read', 'não foi possível ler a tabela a b'],
    ['integrity fails: row 3 missing', 'a verificação integrity falhou: row 3 missing'],
    ['integrity fails', 'a verificação integrity falhou ·'],
    ['assertion: has orders fails: it is false', 'a asserção has orders falhou: it is false'],
    [
      'backup_damaged: the newest backup that a run recorded is gone',
      'Um backup armazenado está incompleto ou foi alterado. (backup_damaged: the newest',
    ],
    [
      'store_unreachable: connect ETIMEDOUT',
      'O destino dos backups não respondeu. (store_unreachable: connect ETIMEDOUT)',
    ],
    ['a sentence of a newer version', 'a sentence of a newer version'],
  ])('gives the reason %j of a restore test in Portuguese', (message, portuguese) => {
    const [row] = restoreTestRows(3, 1).slice(-1);
    if (!row) throw new Error('no row');
    const notification: Notification = {
      ...SAMPLES['restore-test-failed'],
      kind: 'restore-test-failed',
      databases: [{ ...row, message }],
    };
    expect(messageOf(notification, 'pt-BR').text).toContain(portuguese);
  });

  test('on a host names the commands of every kind of schedule that did not start a backup', () => {
    for (const locale of ['en', 'pt-BR'] as const)
      for (const command of [
        "`systemctl list-timers 'lifeboat*'`",
        "`systemctl --user list-timers 'lifeboat*'`",
        '`crontab -l`',
        '`launchctl list | grep lifeboat`',
        '`lifeboat serve`',
      ])
        expect(messageOf(SAMPLES.late, locale).text).toContain(command);
    const { machine: _, ...onGoogleCloud } = SAMPLES.late;
    expect(messageOf(onGoogleCloud, 'en').text).not.toContain('systemctl');
    expect(messageOf(SAMPLES.failed, 'en').text).not.toContain('systemctl');
  });

  test('says after a failed hook what became of the backup', () => {
    const hooked = (hint: string, locale: 'en' | 'pt-BR') => {
      const sample = SAMPLES['hook-failing'];
      if (sample.kind !== 'hook-failing') throw new Error('another sample');
      return messageOf({ ...sample, fault: { ...sample.fault, hint } }, locale).text;
    };
    expect(messageOf(SAMPLES['hook-failing'], 'en').text).toContain('The backup itself was made.');
    expect(messageOf(SAMPLES['hook-failing'], 'pt-BR').text).toContain('O backup em si foi feito.');
    const failed = 'Run it by hand and fix it. It ran after a backup that failed.';
    expect(hooked(failed, 'en')).toContain('It ran after a backup that had failed.');
    expect(hooked(failed, 'pt-BR')).toContain('depois de um backup que tinha falhado.');
    expect(hooked('End it by hand.', 'en')).not.toContain('backup itself');
  });

  test('promises no next try after a schedule that did not start', () => {
    expect(messageOf(SAMPLES.late, 'en').text).not.toContain('Next try');
    expect(messageOf(SAMPLES['still-failing'], 'en').text).toContain('Next try');
  });

  test('about a lost source has the command that restores the last good backup', () => {
    const fault = { code: 'source_empty', message: 'the file is empty', hint: 'Check the path.' };
    const notification = { ...SAMPLES.failed, fault } as Notification;
    for (const [locale, command] of [
      ['en', 'lifeboat restore shop --at 20261122T060000Z-9f8e7d6c --to shop.restored.sqlite3'],
      ['pt-BR', 'lifeboat restore shop --to'],
    ] as const)
      expect(messageOf(notification, locale).text).toContain(command);
  });

  test('links to the status page where its address is known', () => {
    const pageUrl = 'https://backups.example.com/status/databases/shop';
    const restoreUrl = 'https://backups.example.com/status/restore.md';
    const { text, html, slack, telegram } = messageOf(
      { ...SAMPLES.failed, pageUrl, restoreUrl },
      'en',
    );
    for (const form of [text, html, JSON.stringify(slack), telegram])
      expect(form).toContain(pageUrl);
    expect(html).toContain('Open the status page');
    for (const form of [text, html, JSON.stringify(slack), telegram])
      expect(form).toContain(restoreUrl);
    expect(text.indexOf(pageUrl)).toBeLessThan(text.indexOf(restoreUrl));
  });

  test('without a backup says so, and without a link has none', () => {
    const { logUrl: _, ...rest } = SAMPLES.missing;
    const { text, html, slack, telegram } = messageOf(rest, 'en');
    expect(text).toContain('Last good backup: none');
    for (const form of [text, html, JSON.stringify(slack), telegram])
      expect(form).not.toContain('Open the log');
  });

  test('of a flapping database says that further recoveries are not reported', () => {
    expect(
      messageOf({ ...SAMPLES.failed, kind: 'failed', flapping: true } as Notification, 'en').text,
    ).toContain('keeps failing and recovering');
  });
});

describe('hostile text', () => {
  const evil = messageOf(HOSTILE, 'en');

  test('is never markup in a mail', () => {
    expect(tagsOf(evil.html).filter((tag) => !SAFE.has(tag))).toEqual([]);
    expect(evil.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(evil.html).not.toMatch(/javascript:|href=|src=|url\(/);
  });

  test('breaks no header, hides no direction of writing, and is bounded', () => {
    expect(oneLine(evil.subject)).toBe(evil.subject);
    expect(evil.subject.length).toBeLessThanOrEqual(200);
    expect(evil.html + evil.text + evil.telegram).not.toContain('\u202e');
    expect(Buffer.byteLength(evil.html)).toBeLessThan(102_000);
  });

  test('is taken by Slack and Telegram', () => {
    expect([slackTakes(evil.slack), telegramTakes(evil.telegram)]).toEqual(['ok', 200]);
    // A header is plain text, in which nothing is markup.
    expect(JSON.stringify(evil.slack.blocks.filter(({ type }) => type !== 'header'))).not.toMatch(
      /<(?!https:)/,
    );
  });

  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3000 }),
    fc.string({ maxLength: 300 }),
    fc.constantFrom('<script>', '&amp;', '`', '😀'.repeat(2000), '\ud800', '<!channel>'),
  );
  test('of any kind makes no form throw, and none that a service refuses', () => {
    fc.assert(
      fc.property(
        anything,
        anything,
        anything,
        fc.constantFrom('en', 'pt-BR'),
        (a, b, c, locale) => {
          const fault = { step: a, code: b, message: c, hint: a };
          const notification: Notification = {
            kind: 'guard',
            at: a,
            timeZone: b,
            tool: c,
            run: a,
            database: b,
            since: c,
            logUrl: a,
            fault,
            lastGood: { id: b, takenAt: c, size: a.length },
          };
          const message = messageOf(notification, locale);
          expect([slackTakes(message.slack), telegramTakes(message.telegram)]).toEqual(['ok', 200]);
          expect(tagsOf(message.html).filter((tag) => !SAFE.has(tag))).toEqual([]);
          expect(message.text.isWellFormed() && message.html.isWellFormed()).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('is cut between characters and entities, never inside', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, limit) => {
        for (const escape of [escapeHtml, escapeMarkup]) {
          const cut = fit(text, limit, escape);
          expect(cut.length).toBeLessThanOrEqual(limit);
          expect(cut).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
          if (text.isWellFormed()) expect(cut.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test.each([
    ['a\r\nb', 'a b'],
    ['a\u0000b', 'a b'],
    ['\u202eabc', 'abc'],
    ['a\u2028b', 'a b'],
    ['é 😀 日本', 'é 😀 日本'],
    ['\ud800', '\ufffd'],
  ])('%j becomes %j', (text, line) => expect(oneLine(text)).toBe(line));
});

describe('a mail', () => {
  test.each(
    NOTIFICATION_KINDS.flatMap((kind) => [[kind, 'en'] as const, [kind, 'pt-BR'] as const]),
  )('of %s in %s loads nothing, knows light and dark, and names its language', (kind, locale) => {
    const { html } = messageOf(SAMPLES[kind], locale);
    expect(html).not.toMatch(
      /<(img|script|link|iframe|object|form|svg)|src=|@import|url\(|undefined|\[object|NaN/,
    );
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('(prefers-color-scheme:dark)');
    expect(html).toContain(`<html lang="${locale}">`);
    expect(html.match(/href="https:/g)?.length ?? 0).toBe(kind === 'sample' ? 0 : 1);
  });
});

describe('the words', () => {
  test.each([
    [0, '0 of 1 database passed.', '0 de 1 banco passou no teste.'],
    [1, '1 of 1 database passed.', '1 de 1 banco passou no teste.'],
    [2, '2 of 3 databases passed.', '2 de 3 bancos passaram no teste.'],
  ])('%i passed', (passed, english, portuguese) =>
    expect([
      englishMessages.tested(passed, Math.max(1, passed * 2 - 1)),
      portugueseMessages.tested(passed, Math.max(1, passed * 2 - 1)),
    ]).toEqual([english, portuguese]),
  );
});

describe('the link to the log', () => {
  test('asks for one run, an hour on both sides, in one project', () => {
    const url = new URL(logLink('acme', 'run-1', '2026-11-24T06:00:00Z') ?? '');
    expect(decodeURIComponent(url.pathname)).toBe(
      '/logs/query;query=labels.run="run-1" OR jsonPayload.run="run-1";timeRange=2026-11-24T05:00:00.000Z/2026-11-24T07:00:00.000Z',
    );
    expect(url.search).toBe('?project=acme');
  });

  test('cannot be left by a run of hostile name', () => {
    const link =
      logLink(
        'a&b',
        `x" OR severity>=DEFAULT ;timeRange=1?project=evil)'`,
        '2026-11-24T06:00:00Z',
      ) ?? '';
    expect(link).not.toMatch(/["'()<> ]/);
    expect(link.match(/[?]/g)).toHaveLength(1);
    expect(decodeURIComponent(link)).toContain(String.raw`labels.run="x\" OR severity`);
  });

  test.each([
    [undefined, 'run', '2026-11-24T06:00:00Z'],
    ['p', '', '2026-11-24T06:00:00Z'],
    ['p', 'run', 'never'],
  ])('is absent for %j %j %j', (project, run, at) =>
    expect(logLink(project, run, at)).toBeUndefined(),
  );
});
