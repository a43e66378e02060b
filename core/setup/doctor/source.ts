import { open } from 'node:fs/promises';
import type { DatabaseConfig } from '../../config/load.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { exactMib } from '../../lib/size.ts';
import type { Source } from '../../source/source.ts';
import { headerFault } from '../../sqlite/header.ts';
import { withWorkspace } from '../../sqlite/workspace.ts';
import { ok, type Finding } from './finding.ts';

/** Larger ones are not pulled only to be looked at. */
const MOST_PULLED = 64 << 20;

/** Whether a source can be reached and holds a database: small ones are pulled, as a backup would; of a large file the header is read, of a large remote one its size. */
export async function checkSource(
  database: DatabaseConfig,
  openIt: () => Promise<Source>,
  temporary: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { name, origin, source: shown } = database;
  const source = await openIt();
  const size = await source.measure(signal);
  if (size !== undefined && size > MOST_PULLED) {
    if (origin.kind === 'file') await checkHeader(origin.path);
    const how =
      origin.kind === 'file'
        ? 'a database by its header'
        : 'too large for a trial, so that it is a database was not looked at';
    return [ok('source', name, `${shown}: ${exactMib(size)}, ${how}`)];
  }
  const pulled = await withWorkspace(temporary, (directory) =>
    source.pull({ directory, inPlace: true, signal, busyTimeoutMs: 5000 }),
  );
  const how =
    pulled === 'unchanged'
      ? 'reached'
      : `${exactMib(pulled.size)}, pulled and a database by its header`;
  return [ok('source', name, `${shown}: ${how}`)];
}

async function checkHeader(path: string): Promise<void> {
  await using file = await open(path, 'r').catch((cause: unknown) => {
    throw new LifeboatError(
      'source_unreachable',
      `${path} cannot be read`,
      'Check the path, and whether this user may read it.',
      {
        cause,
      },
    );
  });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  const found = headerFault(buffer.subarray(0, bytesRead), (await file.stat()).size);
  if (found) throw new LifeboatError(found.code, found.message, found.hint);
}
