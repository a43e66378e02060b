import { constants, open } from 'node:fs/promises';
import type { DatabaseConfig } from '../../config/load.ts';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { ENGLISH, formatSize } from '../../lib/text/format.ts';
import type { Source } from '../../source/source.ts';
import type { SizeLimit } from '../../lib/bytes/size-limit.ts';
import { headerError, headerFault } from '../../sqlite/header.ts';
import { locate } from '../../sqlite/snapshot/locate.ts';
import { withWorkspace } from '../../sqlite/workspace.ts';
import { DEFAULT_MEMORY, memoryForFiles, NEAR_SHARE } from '../../space/place.ts';
import { ok, warning, type DoctorFinding } from './finding.ts';
import { ownUserName } from '../../lib/user-name.ts';

/** Larger databases are too expensive to pull for a check; a source may not say how large it is. */
const LIMIT: SizeLimit = {
  bytes: 64 << 20,
  code: 'insufficient_space',
  message: 'larger than 64 MiB, too large to download for a check',
  hint: 'Run a backup to see whether it can be read.',
};

/** The check of one source. */
export type SourceCheck = {
  readonly database: DatabaseConfig;
  readonly openSource: () => Promise<Source>;
  readonly temporary: string;
  readonly signal: AbortSignal;
};

/**
 * Whether a source is reachable and is a database. Pulls a small one, as a backup would; reads the
 * header of a large file, and only the size of a large remote database.
 */
export async function checkSource({
  database,
  openSource,
  temporary,
  signal,
}: SourceCheck): Promise<DoctorFinding[]> {
  const { name, origin, source: shown } = database;
  const okFindings = (result: string): DoctorFinding[] => [
    ok('source', name, `${shown}: ${result}`),
  ];
  const source = await openSource();
  const size = await source.measure(signal);
  if (size !== undefined && size > LIMIT.bytes) {
    const large = `reachable, ${formatSize(ENGLISH, size)}`;
    if (origin.kind !== 'file')
      return [
        ...okFindings(`${large}, too large to download for a check`),
        ...roomFindings(database, size),
      ];
    await checkHeader(origin.path);
    return okFindings(`${large}, SQLite header found`);
  }
  const snapshot = await withWorkspace(temporary, (directory) =>
    source.pull({ directory, limit: LIMIT, inPlace: true, signal, busyTimeoutMs: 5000 }),
  ).catch((error: unknown) => {
    if (error instanceof LifeboatError && error.message === LIMIT.message) return undefined;
    throw error;
  });
  if (!snapshot) return okFindings(`reachable, ${LIMIT.message}`);
  if (snapshot === 'unchanged') return okFindings('reachable');
  return okFindings(`readable, ${formatSize(ENGLISH, snapshot.size)}, SQLite header found`);
}

/**
 * A database that a function with its default memory cannot back up. Only sources that a function
 * can reach: a file is backed up on its host.
 */
function roomFindings({ name, run, schedule }: DatabaseConfig, size: number): DoctorFinding[] {
  if (schedule === undefined || run === 'job') return [];
  const room = memoryForFiles(DEFAULT_MEMORY);
  if (size <= room * NEAR_SHARE) return [];
  return [
    warning('source', name, {
      detail: `${formatSize(ENGLISH, size)}, but a function on Google Cloud has room for ${formatSize(ENGLISH, room)} by default`,
      hint: `If a deployment on Google Cloud backs it up, set databases.${name}.run to job in lifeboat.yaml, or raise \`memory_mib\` of the function. A host needs neither.`,
    }),
  ];
}

async function checkHeader(path: string): Promise<void> {
  await using file = await open(
    await locate(path),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((cause: unknown) => {
    throw new LifeboatError(
      'source_unreachable',
      `user ${ownUserName()} cannot read ${path} (${systemCode(cause) ?? String(cause)})`,
      'Check the path, and the owner and the mode of the file and of the folders above it.',
      { cause },
    );
  });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  const invalid = headerFault(buffer.subarray(0, bytesRead), (await file.stat()).size);
  if (invalid) throw headerError(invalid, path);
}
