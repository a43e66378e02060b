import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { empty, sizeOf } from './folders.ts';
import { runFunction } from './functions.ts';
import { measure, run, type Step } from './measure.ts';
import { OPERATIONS, type Measured, type Operation, type Result } from './results.ts';
import { touchShop } from './shop.ts';
import { borg } from './subjects/borg.ts';
import { lifeboat } from './subjects/lifeboat.ts';
import { NAMES } from './subjects/names.ts';
import { restic } from './subjects/restic.ts';
import { shell } from './subjects/shell.ts';
import { sqlite } from './subjects/sqlite.ts';
import { vacuum } from './subjects/vacuum.ts';
import type { Place, Subject } from './subjects/subject.ts';

const WRITER = new URL('../demo/writer.ts', import.meta.url);
type Round = {
  readonly folder: string;
  readonly base: string;
  readonly say: (text: string) => void;
};

/** The programs that are installed, with their versions. */
export async function findPeers(without: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const place = { source: '', store: '', target: '', scratch: '' };
  for (const { name, needs } of [sqlite, vacuum, restic, borg, shell].map((make) => make(place))) {
    if (without.includes(name)) continue;
    try {
      const versions = [];
      for (const [command, ...args] of needs)
        versions.push(`${command} ${/\d+(\.\d+)+/.exec(await run({ command, args }))?.[0] ?? ''}`);
      found.set(name, versions.join(', '));
    } catch {
      continue;
    }
  }
  return found;
}

/**
 * Everything once: each operation by each subject in turn, so that the noise of the machine meets
 * all of them alike.
 */
export async function runRound({
  folder,
  base,
  peers,
  say,
}: Round & { peers: ReadonlyMap<string, string> }): Promise<Result[]> {
  const source = await copyOf(base, join(folder, 'shop.sqlite3'));
  const makers = [
    (place: Place) => lifeboat(place, NAMES.quick, 'quick'),
    (place: Place) => lifeboat(place, NAMES.full, 'full'),
    sqlite,
    vacuum,
    restic,
    borg,
    shell,
  ];
  const subjects = makers.map((make, at) => {
    const place = placeIn(join(folder, String(at)), source);
    return { place, subject: make(place) };
  });
  // The full check is measured where there is something to hold it against.
  const isPresent = (name: string) =>
    name === NAMES.quick || peers.has(name === NAMES.full ? NAMES.sqlite : name);
  const present = subjects.filter(({ subject }) => isPresent(subject.name));
  for (const { subject } of present) await subject.prepare();
  const results: Result[] = [];
  for (const operation of OPERATIONS) {
    if (operation === 'increment') {
      touchShop(source, 0);
      await sleep(3500);
    }
    for (const { subject, place } of present) {
      // The full check costs an increment and a full backup the same; once is enough.
      if (!subject.steps[operation] || (subject.name === NAMES.full && operation !== 'full'))
        continue;
      say(`${operation}: ${subject.name}`);
      results.push(...(await measureOne(subject, place, operation)));
    }
  }
  return results;
}

/**
 * A full backup while another process places orders all the time: Lifeboat copies the database, and
 * checks the copy.
 */
export async function runUnderWriter(
  folder: string,
  base: string,
  integrity: 'quick' | 'full',
): Promise<Result[]> {
  const place = placeIn(folder, await copyOf(base, join(folder, 'shop.sqlite3')));
  const name = integrity === 'full' ? NAMES.copied : NAMES.writer;
  const subject = lifeboat(place, name, integrity);
  await subject.prepare();
  const writer = fork(WRITER, [place.source]);
  try {
    await once(writer, 'message');
    return await measureOne(subject, place, 'full');
  } finally {
    const ended = once(writer, 'exit');
    writer.kill('SIGTERM');
    await ended;
  }
}

/** A full backup through the function, of a copy that lies still. */
export async function runFunctionOver(folder: string, base: string): Promise<Result[]> {
  const source = await copyOf(base, join(folder, 'shop.sqlite3'));
  await settle();
  return runFunction(folder, source);
}

/** The restore of a full backup and so many increments upon it. */
export async function runChain(folder: string, base: string, length: number): Promise<Result[]> {
  const place = placeIn(folder, await copyOf(base, join(folder, 'shop.sqlite3')));
  const subject = lifeboat(place, NAMES.chain, 'quick');
  await subject.prepare();
  const { full, increment } = subject.steps;
  if (full) await run(full);
  for (let n = 0; n < length; n += 1) {
    touchShop(place.source, n);
    await sleep(3500);
    if (increment) await run(increment);
  }
  return measureOne(subject, place, 'restore');
}

async function copyOf(base: string, path: string): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(base, path);
  await sleep(3500);
  return path;
}

function placeIn(folder: string, source: string): Place {
  const place = {
    source,
    store: join(folder, 'store'),
    target: join(folder, 'target'),
    scratch: join(folder, 'scratch'),
  };
  for (const path of [place.store, place.target, place.scratch])
    mkdirSync(path, { recursive: true });
  return place;
}

async function measureOne(subject: Subject, place: Place, operation: Operation): Promise<Result[]> {
  const step = subject.steps[operation];
  if (!step) return [];
  const measured = await measureStep(subject, place, operation, step);
  const { name, proven } = subject;
  const again =
    operation === 'restore' && proven
      ? [{ program: proven.name, ...(await measureStep(subject, place, operation, proven.step)) }]
      : [];
  return [{ program: name, ...measured }, ...again].map((each) => ({ operation, ...each }));
}

async function measureStep(
  subject: Subject,
  place: Place,
  operation: Operation,
  step: Step,
): Promise<Measured> {
  empty(place.target);
  await settle();
  const before = await sizeOf(place.store);
  const measured = await measure(step);
  const stored = (await sizeOf(place.store)) - before;
  if (operation === 'restore' && subject.restored !== undefined)
    await run({ command: 'cmp', args: [place.source, subject.restored] });
  empty(place.target);
  const writes =
    subject.name !== NAMES.sqlite && (operation === 'full' || operation === 'increment');
  return { ...measured, ...(writes ? { stored } : {}) };
}

/**
 * What one left in the page cache for the disk must not slow the next; and a file that has just
 * been written to is no idle one.
 */
async function settle(): Promise<void> {
  await run({ command: 'sync', args: [] });
  await sleep(500);
}
