import { find, type Operation, type Result } from './results.ts';
import { NAMES } from './subjects/names.ts';

const MIB = 2 ** 20;
type Key = 'wall' | 'stored';
type Target = {
  readonly operation: Operation;
  readonly ours: string;
  readonly peer: string;
  readonly key: Key;
  readonly most: number;
  readonly text: string;
};

const { quick, full, writer, copied, bucket, sqlite, restic, proven, shell } = NAMES;
const TARGETS: readonly Target[] = [
  {
    operation: 'full',
    ours: quick,
    peer: restic,
    key: 'wall',
    most: 0.6,
    text: 'full backup, wall, of restic',
  },
  {
    operation: 'full',
    ours: quick,
    peer: shell,
    key: 'wall',
    most: 1.2,
    text: 'full backup, wall, of the shell pipeline',
  },
  {
    operation: 'full',
    ours: full,
    peer: sqlite,
    key: 'wall',
    most: 1.25,
    text: 'full backup with integrity_check, wall, of that check alone',
  },
  {
    operation: 'full',
    ours: copied,
    peer: sqlite,
    key: 'wall',
    most: 0.8,
    text: 'full backup with integrity_check under a writer, wall, of that check alone',
  },
  {
    operation: 'full',
    ours: writer,
    peer: restic,
    key: 'wall',
    most: 0.6,
    text: 'full backup under a writer, wall, of restic',
  },
  {
    operation: 'increment',
    ours: quick,
    peer: restic,
    key: 'wall',
    most: 0.35,
    text: 'increment, wall, of restic',
  },
  {
    operation: 'increment',
    ours: quick,
    peer: restic,
    key: 'stored',
    most: 0.05,
    text: 'increment, new bytes, of restic',
  },
  {
    operation: 'full',
    ours: bucket,
    peer: quick,
    key: 'wall',
    most: 1.3,
    text: 'full backup through backup-now into a bucket, wall, of the folder',
  },
  {
    operation: 'restore',
    ours: quick,
    peer: restic,
    key: 'wall',
    most: 0.7,
    text: 'restore, wall, of restic, which neither reads back nor syncs',
  },
  {
    operation: 'restore',
    ours: quick,
    peer: proven,
    key: 'wall',
    most: 0.7,
    text: 'restore, wall, of restic that does both',
  },
];
const MOST_MEMORY = 300 * MIB;
const MOST_FUNCTION_MEMORY = 350 * MIB;
const MOST_IMPORT_MS = 400;

/** One line for each target: what was reached, and whether that is enough. */
export function targetLines(results: readonly Result[], importMs: number): string[] {
  const lines = TARGETS.map(({ operation, ours, peer, key, most, text }) => {
    const [mine, theirs] = [
      find(results, operation, ours)?.[key],
      find(results, operation, peer)?.[key],
    ];
    if (mine === undefined || theirs === undefined || theirs === 0)
      return `${text}: not measured (at most ${most})`;
    const reached = mine / theirs;
    return `${text}: ${reached.toFixed(3)} (at most ${most}): ${verdict(reached, most)}`;
  });
  const most = (matches: (program: string) => boolean): number =>
    Math.max(
      0,
      ...results
        .filter(({ program }) => program.startsWith('lifeboat') && matches(program))
        .map(({ memory }) => memory),
    );
  const [host, served] = [
    most((program) => program !== bucket),
    most((program) => program === bucket),
  ];
  return [
    ...lines,
    `most memory of any run of lifeboat: ${(host / MIB).toFixed(0)} MiB (at most 300): ${verdict(host, MOST_MEMORY)}`,
    `most memory of the function backup-now: ${(served / MIB).toFixed(0)} MiB (at most 350): ${verdict(served, MOST_FUNCTION_MEMORY)}`,
    `processor time to load the functions before the first request: ${importMs.toFixed(0)} ms (at most 400): ${verdict(importMs, MOST_IMPORT_MS)}`,
  ];
}

function verdict(reached: number, most: number): string {
  return reached <= most ? 'met' : 'MISSED';
}
