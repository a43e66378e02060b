import type { Result } from '../results.ts';
import type { StoreCalls } from '../calls.ts';

/** What a run of the benchmark found: `docs/benchmarks.json` keeps the newest that was published. */
export type Report = {
  /** The day, as in `2026-11-28`. */
  readonly date: string;
  readonly lifeboat: string;
  readonly node: string;
  /** Of the other programs, with their versions. */
  readonly peers: string;
  /** Peers that are not installed, or were left out. */
  readonly absent: readonly string[];
  /** Cores, and the release of the kernel. */
  readonly machine: string;
  /** The load average before the first round and after each. */
  readonly loads: readonly number[];
  /** Bytes of the database. */
  readonly size: number;
  readonly rounds: number;
  /** Increments of the long chain; 0 when it was not measured. */
  readonly chain: number;
  /** Medians of the rounds; of memory the most. */
  readonly results: readonly Result[];
  /** Processor time to load the functions before the first request, ms. */
  readonly importMs: number;
  readonly calls: StoreCalls;
};
