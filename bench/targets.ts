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

const { quick, full, sqlite, restic, shell } = NAMES;
const TARGETS: readonly Target[] = [
  { operation: 'full', ours: quick, peer: restic, key: 'wall', most: 0.6, text: 'full backup, wall, of restic' },
  { operation: 'full', ours: quick, peer: shell, key: 'wall', most: 1.2, text: 'full backup, wall, of the shell pipeline' },
  {
    operation: 'full',
    ours: full,
    peer: sqlite,
    key: 'wall',
    most: 1.25,
    text: 'full backup with integrity_check, wall, of that check alone',
  },
  { operation: 'increment', ours: quick, peer: restic, key: 'wall', most: 0.35, text: 'increment, wall, of restic' },
  { operation: 'increment', ours: quick, peer: restic, key: 'stored', most: 0.05, text: 'increment, new bytes, of restic' },
  { operation: 'restore', ours: quick, peer: restic, key: 'wall', most: 0.7, text: 'restore, wall, of restic' },
];
const MOST_MEMORY = 300 * MIB;

/** One line for each target: what was reached, and whether that is enough. */
export const targetLines = (results: readonly Result[]): string[] => {
  const lines = TARGETS.map(({ operation, ours, peer, key, most, text }) => {
    const [mine, theirs] = [find(results, operation, ours)?.[key], find(results, operation, peer)?.[key]];
    if (mine === undefined || theirs === undefined || theirs === 0) return `${text}: not measured (at most ${most})`;
    const reached = mine / theirs;
    return `${text}: ${reached.toFixed(3)} (at most ${most}): ${reached <= most ? 'met' : 'MISSED'}`;
  });
  const own = results.filter(({ program }) => program.startsWith('lifeboat'));
  const memory = Math.max(0, ...own.map(({ memory }) => memory));
  return [
    ...lines,
    `most memory of any run of lifeboat: ${(memory / MIB).toFixed(0)} MiB (at most 300): ${memory <= MOST_MEMORY ? 'met' : 'MISSED'}`,
  ];
};
