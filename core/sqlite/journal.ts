import { closeSync, readSync, statSync } from 'node:fs';
import { openRegularFile } from './descriptor.ts';

// The header of a rollback journal begins with these bytes, and a journal that names a super-journal
// ends in them. https://www.sqlite.org/fileformat2.html, section 3.
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

/** False for a truncated or zeroed journal, which lacks its header and belongs to no transaction. */
export function journalIsLive(journal: string): boolean {
  return readAt(journal, 0).equals(JOURNAL_MAGIC);
}

/** Whether the journal belongs to a transaction over several databases. */
export function namesSuperJournal(journal: string): boolean {
  const { size } = statSync(journal);
  return size >= 16 && readAt(journal, size - JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC);
}

/** The bytes of the length of the magic at this position; fewer at the end of the file. */
function readAt(journal: string, position: number): Buffer {
  const file = openRegularFile(journal);
  try {
    const bytes = Buffer.alloc(JOURNAL_MAGIC.length);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position));
  } finally {
    closeSync(file);
  }
}
