import { availableParallelism } from 'node:os';
import { runWorker } from '../../lib/processes/worker.ts';
import {
  columnText,
  quoteName,
  tableList,
  type All,
  type SeparateTables,
  type TableEntry,
} from '../engine.ts';
import type { JudgeReading } from '../untrusted.ts';

/** What a thread is given; the threads share `next`, the number of the next table to check. */
export type TableChecks = JudgeReading & {
  readonly path: string;
  readonly names: readonly string[];
  readonly next: SharedArrayBuffer;
};

/** SQLite takes an argument that begins as a number for the number of findings to report. */
const LIKE_A_NUMBER = /^[-+]?\d/;
/** Each check of a table costs a bit of memory for every page of the file. */
const MOST_SEPARATE_TABLES = 1000;
const MOST_THREADS = 4;
/** A smaller table is checked by the thread that is done first. */
const LARGE_SHARE = 0.1;
/**
 * A thread reserves 512 MiB for compiled code otherwise, which counts towards the memory limit of
 * the judge.
 */
const SMALL_THREAD = { codeRangeSizeMb: 8, maxOldGenerationSizeMb: 64 };
/** What SQLite says of a check that did not finish: neither sound nor damaged. */
const UNFINISHED = 'interrupted';
const TABLE_CHECK_MODULE = new URL(
  `./table-check-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** The tables of a schema; `undefined` where they cannot be checked one by one. */
export function separateTables(all: All): SeparateTables | undefined {
  try {
    const tables = tableList(all).filter(({ type }) => type !== 'view');
    const names = new Set(tables.map(({ name }) => name));
    const schemaTables = all("select name from sqlite_schema where type = 'table'");
    const isComplete = schemaTables.every(({ name }) => names.has(columnText(name)));
    if (!isComplete || names.size === 0 || names.size > MOST_SEPARATE_TABLES) return undefined;
    if ([...names].some((name) => LIKE_A_NUMBER.test(name))) return undefined;
    const sized = tables.map((table) => ({ name: table.name, rows: rowsAtMost(all, table) }));
    sized.sort((a, b) => (b.rows > a.rows ? 1 : b.rows < a.rows ? -1 : 0));
    const most = Math.max(0, ...sized.map(({ rows }) => rows).filter(Number.isFinite));
    const large = sized.filter(({ rows }) => rows >= most * LARGE_SHARE).length;
    return { names: sized.map(({ name }) => name), large };
  } catch {
    return undefined;
  }
}

/**
 * The findings of `integrity_check` of each table, by threads of their own. They say nothing about
 * the file as a whole: its freelist, its unused pages, and pages that two tables share. The cache is
 * that of all threads together.
 */
export async function checkTables(
  { names, large }: SeparateTables,
  { cacheKiB, ...reading }: JudgeReading & { readonly path: string },
): Promise<string[]> {
  const threads = Math.max(1, Math.min(large, availableParallelism(), MOST_THREADS));
  const next = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const input: TableChecks = {
    ...reading,
    names,
    next,
    cacheKiB: Math.floor(cacheKiB / threads),
  };
  const findings = await Promise.all(
    Array.from({ length: threads }, () =>
      runWorker<string[]>(TABLE_CHECK_MODULE, { input, resourceLimits: SMALL_THREAD }).catch(() => [
        UNFINISHED,
      ]),
    ),
  );
  return findings.flat();
}

/** A guess from the largest rowid; of the other kinds of tables only reading them would tell. */
function rowsAtMost(all: All, { name, type, withoutRowid }: TableEntry): number {
  if (type === 'virtual' || withoutRowid) return Infinity;
  return Number(all(`select max(rowid) as n from main.${quoteName(name)}`)[0]?.['n'] ?? 0);
}
