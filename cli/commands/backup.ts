import { Option, type Command } from 'commander';
import { answer, bytes } from '../output.ts';
import { NOTIFY, type Door } from './door.ts';

type Options = { kind: 'auto' | 'full' | 'incremental'; reason: string; accept: boolean; expectMigration: string[]; notify: boolean };

const collect = (value: string, before: string[]): string[] => [...before, value];

export const addBackup = (program: Command, { open, terminal, watching, clear }: Door): void => {
  program
    .command('backup <database>')
    .description('back up a configured database, or a database file by its path')
    .addOption(new Option('--kind <kind>', 'what to store').choices(['auto', 'full', 'incremental']).default('auto'))
    .addOption(
      new Option('--reason <reason>', 'why: schedule and manual backups take weekly and longer slots')
        .choices(['manual', 'schedule', 'pre-deploy', 'pre-push'])
        .default('manual'),
    )
    .option('--accept', 'let through, once, a database that lost much since its last backup', false)
    .option('--expect-migration <name>', 'a migration that must be applied; may be given several times', collect, [])
    .option(...NOTIFY)
    .action(async (database: string, { kind, reason, accept, expectMigration, notify }: Options) => {
      const app = await open({ notify });
      const done = await app.backup(database, { kind, reason, accept, expectMigrations: expectMigration, ...watching }).finally(clear);
      const pages = done.kind === 'full' ? 'every page' : `${done.pages.stored} of ${done.pages.count} pages`;
      const notes = done.checks
        .filter(({ result }) => result !== 'ok')
        .map(({ name, result, detail }) => `  ${result}: ${name}${detail ? `: ${detail}` : ''}\n`);
      for (const { url, ok, error } of done.copies)
        notes.push(ok ? `  copied to ${url}\n` : `  NOT copied to ${url}: ${error?.message ?? ''}\n`);
      answer(
        terminal,
        done,
        `${done.id}  ${done.kind}, ${pages}, ${bytes(done.size)} stored as ${bytes(done.storedBytes)}, verdict ${done.verdict}, kept until ${done.expires.slice(0, 10)}\n${notes.join('')}`,
      );
    });
};
