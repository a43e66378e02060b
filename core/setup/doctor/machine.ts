import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import type { Config } from '../../config/load.ts';
import { ENGLISH, formatSize } from '../../lib/text/format.ts';
import type { SpaceProbe } from '../../space/probe.ts';
import { describeRoom, roomOf } from '../../space/room.ts';
import { showsDescriptors } from '../../sqlite/descriptor.ts';
import { withWorkspace } from '../../sqlite/workspace.ts';
import type { Store } from '../../store/store.ts';
import { fault, ok, warning, type DoctorFinding } from './finding.ts';

const NO_PROC = warning('machine', '/proc', {
  detail:
    '/proc is not mounted: root does not back up databases of other users, restore --force does not see who has a database open, and the memory of inspections is not limited',
  hint: 'Mount it: `mount -t proc proc /proc`.',
});

/**
 * Whether Node has everything that Lifeboat needs; only the hosts of ssh:// sources need `sqlite3`.
 */
export function checkRuntime(): DoctorFinding[] {
  const { node, sqlite } = process.versions;
  const zstd = 'createZstdCompress' in zlib;
  return [
    zstd && sqlite !== undefined
      ? ok('machine', 'node', `Node ${node} with SQLite ${sqlite} and zstd; nothing else is needed`)
      : fault('machine', 'node', {
          code: 'config_invalid',
          detail: `Node ${node} has no ${zstd ? 'SQLite' : 'zstd'}`,
          hint: 'Install Node 24 or newer from nodejs.org.',
        }),
    ...(showsDescriptors() ? [] : [NO_PROC]),
  ];
}

/** Whether the temporary folder is writable, and has space for the largest local database. */
export async function checkTemporary(
  temporary: string,
  space: Pick<SpaceProbe, 'free'>,
  config: Config | undefined,
): Promise<DoctorFinding[]> {
  await withWorkspace(temporary, (directory) => writeFile(join(directory, 'probe'), 'x'));
  const free = await space.free(temporary);
  const sizes = await Promise.all(
    Object.values(config?.databases ?? {}).map(async ({ origin }) =>
      origin.kind === 'file' ? ((await orAbsent(stat(origin.path)))?.size ?? 0) : 0,
    ),
  );
  const largest = Math.max(0, ...sizes);
  if (free === undefined) return [ok('machine', temporary, 'writable')];
  const freeText = `${formatSize(ENGLISH, free)} free`;
  if (free < largest)
    return [
      warning('machine', temporary, {
        detail: `${freeText}, but the largest database has ${formatSize(ENGLISH, largest)}`,
        hint: `Free some space in ${temporary}, or set TMPDIR to another folder.`,
      }),
    ];
  return [ok('machine', temporary, `writable, ${freeText}`)];
}

/** A folder store: its free space, and whether it is on the same disk as a database. */
export async function checkFolder(
  store: Store,
  space: Pick<SpaceProbe, 'volume' | 'reserve'>,
  config: Config,
): Promise<DoctorFinding[]> {
  const { url } = store;
  const room = await roomOf({ store, space });
  const findings: DoctorFinding[] = [];
  if (room)
    findings.push(
      room.free < room.reserve
        ? warning('store', url, {
            detail: describeRoom(room),
            hint: 'Give it more space; `lifeboat prune` deletes expired backups.',
          })
        : ok('store', url, describeRoom(room)),
    );
  const own = await orAbsent(stat(url));
  const same: string[] = [];
  for (const { name, origin } of Object.values(config.databases))
    if (origin.kind === 'file' && own && (await orAbsent(stat(origin.path)))?.dev === own.dev)
      same.push(name);
  if (same.length > 0 && config.copies.length === 0)
    findings.push(
      warning('store', url, {
        detail: `is on the same disk as ${same.join(', ')}: when it fails you lose both`,
        hint: 'Use another disk, another machine or a bucket, or add one under copies.',
      }),
    );
  return findings;
}

function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch(() => undefined);
}
