import { constants, open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError } from '../lib/errors.ts';
import { fileState } from '../sqlite/file-state.ts';
import { journalIsLive } from '../sqlite/journal.ts';
import { mergeJournals } from '../sqlite/merge-journals.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import { copyBytes } from './place/copy-bytes.ts';
import { withFileBeside, type FileBeside } from './place/beside.ts';

type OldDatabase = {
  readonly path: string;
  readonly old: FileHandle | undefined;
  readonly temporary: string;
  readonly signal: AbortSignal | undefined;
};

/**
 * Makes a copy of a database, beside it, that has all of its rows in one file. `needless`: it is
 * in one file already. `impossible`: SQLite cannot read it, or the space does not suffice. Throws
 * `usage` when somebody is writing to the database.
 */
export async function withMergedCopy<T>(
  database: OldDatabase,
  work: (merged: FileBeside | 'needless' | 'impossible') => Promise<T>,
): Promise<T> {
  const { path, old } = database;
  const journals = await journalsWithRows(path);
  if (!old || journals.length === 0) return work('needless');
  const state = fileState(path);
  return withFileBeside(path, async (file) => {
    const merged = await merge(database, old, journals, file).then(
      () => file,
      () => 'impossible' as const,
    );
    if (fileState(path) !== state)
      throw new LifeboatError(
        'usage',
        `${path} is being written to`,
        'Stop the application, then run the restore again.',
      );
    return work(merged);
  });
}

async function journalsWithRows(path: string): Promise<string[]> {
  const [wal, journal] = [`${path}-wal`, `${path}-journal`];
  const rows = [
    { name: wal, present: (await stat(wal).catch(() => undefined))?.size ?? 0 },
    { name: journal, present: await journalIsLiveAt(journal) },
  ];
  return rows.filter(({ present }) => present).map(({ name }) => name);
}

async function journalIsLiveAt(journal: string): Promise<boolean> {
  return (await stat(journal).catch(() => undefined))?.isFile() === true && journalIsLive(journal);
}

/** SQLite opens only a private copy: the folder of the database may belong to another user. */
async function merge(
  { path, temporary, signal }: OldDatabase,
  old: FileHandle,
  journals: readonly string[],
  file: FileBeside,
): Promise<void> {
  await withWorkspace(temporary, async (directory) => {
    const copy = join(directory, 'old.sqlite3');
    await using main = await open(copy, 'wx+', 0o600);
    await copyBytes(old, main, signal);
    const { uid } = await old.stat();
    for (const each of journals) {
      await using journal = await open(each, constants.O_RDONLY | constants.O_NOFOLLOW);
      const status = await journal.stat();
      if (!status.isFile() || status.uid !== uid) throw new Error(`${each} has another owner`);
      await using to = await open(`${copy}${each.slice(path.length)}`, 'wx', 0o600);
      await copyBytes(journal, to, signal);
    }
    await mergeJournals(copy, signal);
    await copyBytes(main, file.handle, signal);
  });
}
