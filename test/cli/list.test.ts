import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backupTable } from '../../cli/backup-text.ts';
import type { BackupDocument } from '../../core/documents/backup.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';
import { datedSource } from '../support/dated-source.ts';
import { folder } from '../support/files.ts';

describe('lifeboat list', () => {
  test('shows when each backup was taken in its zone; --limit and --since leave out older ones', async () => {
    const cwd = folder();
    const zone = 'timeZone: America/Sao_Paulo';
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      `databases: { notes: { source: notes.db, ${zone} } }\n`,
    );
    let now = new Date();
    const app = await testApp({
      cwd,
      overrides: { now: () => now, openSource: datedSource(() => now) },
    });
    const ids: string[] = [];
    for (const time of ['2026-11-22T02:00:00Z', '2026-11-23T02:59:00Z', '2026-11-23T03:00:00Z']) {
      now = new Date(time);
      sql(
        join(cwd, 'notes.db'),
        ids.length === 0 ? SMALL : `delete from notes where id = ${ids.length}`,
      );
      ids.unshift((await app.backup('notes', { ...BACKUP, reason: 'pre-deploy' })).id);
    }
    const { stdout } = await runCli(cwd, ['list', 'notes']);
    const [labels, newest] = stdout.split('\n');
    expect(labels).toMatch(
      /^ID +DATABASE +TAKEN +AGE +REASON +KIND +SIZE +STORED +KEPT UNTIL +STATE$/,
    );
    expect(newest).toMatch(
      / notes +23 Nov 2026, 00:00 GMT-3 .* pre-deploy {2}incremental .* [78] Dec 2026 +ok held$/,
    );
    const listed = async (...args: string[]): Promise<string[]> =>
      JSON.parse((await runCli(cwd, ['list', ...args, '--json'])).stdout).backups.map(
        ({ id }: BackupDocument) => id,
      );
    expect(await listed()).toEqual(ids);
    expect(await listed('--limit', '2')).toEqual(ids.slice(0, 2));
    expect(await listed('notes', '--since', '2026-11-23')).toEqual(ids.slice(0, 1));
    expect(await listed('notes', '--since', '2026-11-22')).toEqual(ids.slice(0, 2));
    expect(await listed('--since', '2026-11-21', '--limit', '1')).toEqual(ids.slice(0, 1));
    expect((await runCli(cwd, ['list', 'notes', '--since', '2027-01-01'])).stdout).toBe(
      `There are no backups of notes in ${join(cwd, 'backups')} since 2027-01-01.\n`,
    );
  });

  test.each([
    [['--limit', '0'], /Use a whole number from 1 on/],
    [['--since', 'latest'], /--since cannot be "latest"/],
    [['--since', 'soon'], /--since cannot be "soon"/],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await runCli(folder(), ['list', ...args]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('names the store when there is nothing in it', async () => {
    const empty = folder();
    const { status, stdout } = await runCli(empty, ['list']);
    expect([status, stdout]).toEqual([
      0,
      `There are no backups in ${join(empty, 'backups')} yet. Run \`lifeboat backup <database>\` to make one.\n`,
    ]);
  });

  test('colours what is wrong with a backup, and nothing without colours', () => {
    const base = {
      id: 'x',
      database: 'a',
      reason: 'manual',
      kind: 'full',
      size: 1,
      storedBytes: 1,
    };
    const backup = {
      ...base,
      takenAt: '2026-11-23T03:00:00Z',
      expires: '2026-12-23T03:00:00Z',
      verdict: 'ok',
      held: false,
      salvage: false,
      fault: { level: 'damaged', reason: '' },
    } as unknown as BackupDocument;
    const look = { timeZoneOf: () => 'UTC', now: 0, columns: Infinity };
    expect(backupTable([backup], { ...look, colours: true })).toContain(
      '\u001B[31mdamaged\u001B[39m',
    );
    expect(backupTable([backup], { ...look, colours: false })).toMatch(/ damaged\n$/);
  });
});

describe('the command line', () => {
  test.each([
    [['restore'], /^Usage: lifeboat restore /],
    [['verify'], /^Usage: lifeboat verify /],
    [[], /^Usage: lifeboat /],
  ])('%j without a name prints the help', async (args, help) => {
    const { status, stdout, stderr } = await runCli(folder(), args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(help);
  });

  test('a mistake names the help of its command', async () => {
    expect((await runCli(folder(), ['restore', 'a'])).stderr).toMatch(
      /^error: required option '--to <path>' not specified\nhint: See `lifeboat restore --help`\.\n$/,
    );
  });

  test('groups its commands and shows the options of all commands in each', async () => {
    const { stdout } = await runCli(folder(), ['--help']);
    for (const group of ['Back up and restore:', 'Check:', 'Set up:', 'Clean up:'])
      expect(stdout).toContain(`\n${group}\n`);
    expect(stdout).not.toContain('default: false');
    expect((await runCli(folder(), ['list', '--help'])).stdout).toContain('-q, --quiet');
  });

  test('-q prints an error once, and no log line', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'no.db'), 'this is no database'.repeat(99));
    for (const flag of ['-q', '--quiet']) {
      const { status, stdout, stderr } = await runCli(cwd, ['backup', 'no.db', flag]);
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(/^error: [^\n]+\nhint: [^\n]+\n$/);
    }
  });
});
