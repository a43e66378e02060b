import { existsSync } from 'node:fs';
import { LifeboatError } from '../lib/errors.ts';
import { runChild } from './child.ts';
import { namesSuperJournal } from './journal.ts';

/**
 * Brings the rows of a `-wal` or a hot `-journal` into the database beside it, which must be a
 * private copy, and leaves one file. Throws when SQLite cannot read them.
 */
export async function mergeJournals(copy: string, signal: AbortSignal | undefined): Promise<void> {
  if (existsSync(`${copy}-journal`) && namesSuperJournal(`${copy}-journal`))
    throw new LifeboatError(
      'source_invalid',
      'the journal belongs to a transaction over several databases',
      'Open the database once with the application, which finishes that transaction.',
    );
  await runChild('merge-child', { input: { path: copy }, signal });
}
