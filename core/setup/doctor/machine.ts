import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import type { Config } from '../../config/load.ts';
import { freeMib } from '../../lib/size.ts';
import { withWorkspace } from '../../sqlite/workspace.ts';
import { fault, ok, warning, type Finding } from './finding.ts';
import type { SpaceProbe } from '../../space/probe.ts';

/** What Lifeboat is made of on this machine. Nothing else is called; `sqlite3` is needed on the hosts of ssh:// sources only. */
export function checkRuntime(): Finding[] {
  const { node, sqlite } = process.versions;
  const zstd = 'createZstdCompress' in zlib;
  return [
    zstd && sqlite !== undefined
      ? ok(
          'machine',
          'node',
          `Node ${node} with SQLite ${sqlite} and zstd; no other program is needed here`,
        )
      : fault(
          'machine',
          'node',
          'config_invalid',
          `Node ${node} lacks ${zstd ? 'SQLite' : 'zstd'}`,
          'Use Node 24 or newer, as nodejs.org gives it out.',
        ),
  ];
}

/** Whether the temporary folder can be used, and has room for the largest file that is backed up. */
export async function checkTemporary(
  temporary: string,
  space: Pick<SpaceProbe, 'free'>,
  config: Config | undefined,
): Promise<Finding[]> {
  await withWorkspace(temporary, (directory) => writeFile(join(directory, 'probe'), 'x'));
  const free = await space.free(temporary);
  const sizes = await Promise.all(
    Object.values(config?.databases ?? {}).map(async ({ origin }) =>
      origin.kind === 'file' ? ((await orAbsent(stat(origin.path)))?.size ?? 0) : 0,
    ),
  );
  const largest = Math.max(0, ...sizes);
  if (free === undefined) return [ok('machine', temporary, 'can be written to')];
  if (free < largest)
    return [
      warning(
        'machine',
        temporary,
        `${freeMib(free)} are free, and the largest database takes ${freeMib(largest)}`,
        'Free some space there, or name another folder in TMPDIR.',
      ),
    ];
  return [ok('machine', temporary, `can be written to, and ${freeMib(free)} are free`)];
}

/** Stores that are folders: their room, and whether they would die with a database. */
export async function checkFolder(
  url: string,
  space: Pick<SpaceProbe, 'volume' | 'reserve'>,
  config: Config,
): Promise<Finding[]> {
  const room = await space.volume(url);
  const findings: Finding[] = [];
  if (room) {
    const reserve =
      'share' in space.reserve ? room.total * space.reserve.share : space.reserve.bytes;
    findings.push(
      room.free < reserve
        ? warning(
            'store',
            url,
            `${freeMib(room.free)} are free, less than the reserve of ${freeMib(reserve)}`,
            'Give it more room; `lifeboat prune` deletes what has expired.',
          )
        : ok('store', url, `${freeMib(room.free)} are free`),
    );
  }
  const own = await orAbsent(stat(url));
  const same: string[] = [];
  for (const { name, origin } of Object.values(config.databases))
    if (origin.kind === 'file' && own && (await orAbsent(stat(origin.path)))?.dev === own.dev)
      same.push(name);
  if (same.length > 0 && config.copies.length === 0)
    findings.push(
      warning(
        'store',
        url,
        `is on the disk of ${same.join(', ')}, and dies with it`,
        'Use another disk, another machine or a bucket, or add one under copies.',
      ),
    );
  return findings;
}

function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch(() => undefined);
}
