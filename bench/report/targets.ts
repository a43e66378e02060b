import { find, type Operation, type Result } from '../results.ts';
import { NAMES } from '../subjects/names.ts';

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
    text: 'full backup ÷ restic',
  },
  {
    operation: 'full',
    ours: quick,
    peer: shell,
    key: 'wall',
    most: 1.2,
    text: 'full backup ÷ the shell pipeline',
  },
  {
    operation: 'full',
    ours: full,
    peer: sqlite,
    key: 'wall',
    most: 1.25,
    text: 'full backup with integrity_check ÷ that check alone',
  },
  {
    operation: 'full',
    ours: copied,
    peer: sqlite,
    key: 'wall',
    most: 0.8,
    text: 'the same under a writer ÷ that check alone',
  },
  {
    operation: 'full',
    ours: writer,
    peer: restic,
    key: 'wall',
    most: 0.6,
    text: 'full backup under a writer ÷ restic',
  },
  {
    operation: 'increment',
    ours: quick,
    peer: restic,
    key: 'wall',
    most: 0.35,
    text: 'increment ÷ restic',
  },
  {
    operation: 'increment',
    ours: quick,
    peer: restic,
    key: 'stored',
    most: 0.05,
    text: 'new bytes of an increment ÷ restic',
  },
  {
    operation: 'full',
    ours: bucket,
    peer: quick,
    key: 'wall',
    most: 1.3,
    text: 'backup-now into a bucket ÷ the backup into a folder',
  },
  {
    operation: 'restore',
    ours: quick,
    peer: restic,
    key: 'wall',
    most: 0.65,
    text: 'restore ÷ restic, which neither reads back nor syncs',
  },
  {
    operation: 'restore',
    ours: quick,
    peer: proven,
    key: 'wall',
    most: 0.65,
    text: 'restore ÷ restic that does both',
  },
  {
    operation: 'verify',
    ours: quick,
    peer: restic,
    key: 'wall',
    most: 0.6,
    text: 'verify ÷ restic',
  },
];
const MOST_MEMORY_MIB = 200;
const MOST_FUNCTION_MEMORY_MIB = 350;
const MOST_IMPORT_MS = 40;

/** A row for each target: what it is, the most, what was reached, and whether that is enough. */
export function targetRows(results: readonly Result[], importMs: number): string[][] {
  const rows = TARGETS.map(({ operation, ours, peer, key, most, text }) => {
    const [mine, theirs] = [
      find(results, operation, ours)?.[key],
      find(results, operation, peer)?.[key],
    ];
    if (mine === undefined || theirs === undefined || theirs === 0)
      return [text, String(most), 'not measured', ''];
    const reached = mine / theirs;
    return [text, String(most), reached.toFixed(3), verdict(reached, most)];
  });
  const memoryOf = (matches: (program: string) => boolean): number =>
    Math.max(
      0,
      ...results
        .filter(({ program }) => program.startsWith('lifeboat') && matches(program))
        .map(({ memory }) => memory / MIB),
    );
  // The full check of a copy reads it through a memory map, whose pages the system can drop.
  const host = memoryOf((program) => program !== bucket && program !== copied);
  const served = memoryOf((program) => program === bucket);
  return [
    ...rows,
    amountRow('memory of any command without a memory map', host, [MOST_MEMORY_MIB, 'MiB']),
    amountRow('memory of the function backup-now', served, [MOST_FUNCTION_MEMORY_MIB, 'MiB']),
    amountRow('processor time to load the functions', importMs, [MOST_IMPORT_MS, 'ms']),
  ];
}

function amountRow(
  text: string,
  reached: number,
  [most, unit]: readonly [number, string],
): string[] {
  return [text, `${most} ${unit}`, `${reached.toFixed(0)} ${unit}`, verdict(reached, most)];
}

function verdict(reached: number, most: number): string {
  return reached <= most ? 'met' : 'missed';
}
