import { readFile } from 'node:fs/promises';
import type { ResponseContent } from './respond.ts';

// In the repository and, copied by the build, in `dist`.
const RESTORE_PAGE = new URL('../../docs/restore.md', import.meta.url);

/**
 * The page on restoring, as it is in this version: who needs it must not depend on another server.
 * Markdown is readable as plain text.
 */
export async function restoreHelp(): Promise<ResponseContent> {
  const text = await readFile(RESTORE_PAGE, 'utf8');
  return { body: () => text, type: 'text/plain; charset=utf-8' };
}
