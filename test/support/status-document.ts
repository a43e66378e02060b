import type {
  DatabaseDetail,
  DatabaseStatus,
  HistoryEntry,
  StatusDocument,
} from '../../core/documents/status.ts';
import type { BackupDocument } from '../../core/documents/backup.ts';
import type { RunRecord } from '../../core/documents/run.ts';

export const AT = '2026-11-24T09:30:00.000Z';
const NOW = Date.parse(AT);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIB = 2 ** 20;

type Story = {
  readonly name: string;
  /** The age of the newest run and the time between runs, ms. */
  readonly ago: number;
  readonly every?: number;
  readonly size: number;
  readonly growth?: number;
  readonly tables?: Readonly<Record<string, number>>;
  /** The outcome of each run, by its age: 0 is the newest. */
  readonly fails?: Readonly<
    Record<number, { code: string; message: string; hint: string; step?: string }>
  >;
  readonly inconclusive?: readonly number[];
  readonly backups?: number;
};

export const UNREACHABLE = {
  code: 'source_unreachable',
  message: 'ssh to backup@10.0.0.5 failed: connect ETIMEDOUT 10.0.0.5:22',
  hint: 'Check that the host is up and that the connector of the network reaches it, then run `lifeboat backup blog`.',
  step: 'snapshot',
};
export const BUSY = {
  code: 'source_busy',
  message: 'the database was busy for 30 s',
  hint: 'End long transactions on the database, or back up at a quieter time.',
  step: 'snapshot',
};

const RANKS = ['good', 'attention', 'late', 'missing', 'failing'] as const;

export function detail(story: Story, more: Partial<DatabaseDetail> = {}): DatabaseDetail {
  const made = history(story);
  const runs = runsOf(story, made);
  const newest = made[0];
  const testAt = NOW - 9 * DAY - 3 * HOUR;
  const tested = made.find(({ takenAt }) => Date.parse(takenAt) < testAt);
  return {
    name: story.name,
    condition: 'good',
    reasons: [],
    lastBackup: newest ?? null,
    lastFailure: runs.filter(({ error }) => error).at(-1)?.error ?? null,
    lastRestoreTest: tested
      ? {
          at: iso(testAt),
          ok: true,
          id: tested.id,
          durationMs: Math.round(600 + (story.size / MIB) * 42),
          problem: null,
          takenAt: tested.takenAt,
          size: tested.size,
        }
      : null,
    nextBackup: iso(NOW + 17.5 * HOUR),
    nextFrom: 'cloud-scheduler',
    runsIn: 'function',
    lastScheduled: newest?.takenAt ?? null,
    fresh: true,
    backups: made.length,
    storedBytes: made.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    oldestBackup: made.at(-1)?.takenAt ?? null,
    keptUntil: made.length > 0 ? iso(NOW + 1060 * DAY) : null,
    lastBackupMs:
      runs.findLast(({ operation, ok }) => operation === 'backup' && ok)?.durationMs ?? null,
    failedRuns: { backup: runs.filter(({ ok }) => !ok).length, 'restore-test': 0 },
    runs,
    history: made,
    manifest: manifestOf(newest),
    ...more,
  };
}

export function shop(): DatabaseDetail {
  return detail({
    name: 'shop',
    ago: 6.5 * HOUR,
    size: 214 * MIB,
    tables: {
      orders: 184_220,
      order_items: 512_904,
      customers: 41_877,
      products: 3120,
      carts: 9033,
      sessions: 18_400,
      audit_log: 902_144,
      django_migrations: 88,
      coupons: 240,
    },
    fails: { 31: BUSY },
    inconclusive: [52],
  });
}

export function blog(): DatabaseDetail {
  return detail(
    {
      name: 'blog',
      ago: 5.5 * HOUR,
      size: 38 * MIB,
      growth: 0.002,
      tables: { posts: 812, comments: 22_410 },
      fails: { 0: UNREACHABLE, 1: UNREACHABLE, 17: BUSY },
    },
    { condition: 'failing', reasons: ['backup-failed'] },
  );
}

export function wiki(): DatabaseDetail {
  return detail(
    {
      name: 'wiki',
      ago: 52 * HOUR,
      size: 96 * MIB,
      growth: 0.003,
      tables: { pages: 4102, revisions: 61_200 },
    },
    {
      condition: 'late',
      reasons: ['late'],
      fresh: false,
      nextBackup: iso(NOW - 28 * HOUR),
      nextFrom: 'configuration',
    },
  );
}

/** Configured, and never backed up. */
export function fresh(name = 'new'): DatabaseDetail {
  return detail(
    { name, ago: 0, size: 0, backups: 0 },
    { condition: 'missing', reasons: ['missing'], fresh: false },
  );
}

/** A document like that of `App.status()`, without the details of one database. */
export function documentOf(details: readonly DatabaseDetail[]): StatusDocument {
  return {
    version: 1,
    at: AT,
    condition:
      RANKS.findLast((rank) => details.some(({ condition }) => condition === rank)) ?? 'good',
    databases: details
      .map(({ history: _history, manifest: _manifest, ...status }): DatabaseStatus => status)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

export function three(): StatusDocument {
  return documentOf([shop(), blog(), wiki()]);
}

function history({
  name,
  ago,
  every = DAY,
  size,
  growth = 0.004,
  tables = {},
  fails = {},
  inconclusive = [],
  backups = 90,
}: Story): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  let parent: string | null = null;
  for (let age = backups - 1; age >= 0; age -= 1) {
    if (fails[age]) continue;
    const taken = NOW - ago - age * every;
    const bytes =
      Math.round((size * (1 - growth * age) * (1 + (wobble(age) - 0.5) * 0.006)) / 4096) * 4096;
    const full = parent === null || new Date(taken).getUTCDay() === 0;
    const id = idOf(taken);
    const stored = Math.round(full ? bytes * 0.31 : bytes * (0.012 + wobble(age + 7) * 0.02));
    const verdict = inconclusive.includes(age) ? 'inconclusive' : 'ok';
    entries.unshift({
      id,
      database: name,
      kind: full ? 'full' : 'incremental',
      parent: full ? null : parent,
      verdict,
      pages: { size: 4096, count: bytes / 4096, stored: Math.round(stored / 1400) },
      size: bytes,
      sha256: hex(age).repeat(8),
      storedBytes: stored,
      checks: [{ name: 'integrity', result: verdict, engine: 'sql.js' }],
      expires: iso(taken + (full ? 56 : 14) * DAY),
      takenAt: iso(taken),
      held: age === 40,
      salvage: false,
      reason: 'schedule',
      fault: null,
      rows: Object.fromEntries(
        Object.entries(tables).map(([table, rows], n) => [
          table,
          Math.max(0, Math.round(rows * (1 - growth * age * (n % 3)))),
        ]),
      ),
    });
    parent = id;
  }
  return entries;
}

// Repeatable numbers that vary like real ones.
function wobble(n: number): number {
  return ((Math.sin(n * 12.9898) * 43_758.5453) % 1) * 0.5 + 0.5;
}

function idOf(ms: number): string {
  return `${iso(ms).replaceAll(/[-:]|\.\d+/g, '')}-${hex(ms / 1000)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function hex(n: number): string {
  return Math.floor(wobble(n) * 0xff_ff_ff_ff)
    .toString(16)
    .padStart(8, '0');
}

function runsOf(story: Story, made: readonly HistoryEntry[]): RunRecord[] {
  const { ago, every = DAY, fails = {}, size, backups = 90 } = story;
  const runs = Array.from({ length: Math.min(90, backups) }, (_, n): RunRecord => {
    const age = Math.min(90, backups) - 1 - n;
    const began = NOW - ago - age * every;
    const entry = made.find(({ takenAt }) => takenAt === iso(began));
    const durationMs = Math.round(900 + (size / MIB) * 90 * (0.8 + wobble(age + 3) * 0.5));
    const failed = fails[age];
    return {
      run: `${idOf(began)}-${hex(age + 99)}`,
      operation: 'backup',
      reason: age % 13 === 5 ? 'pre-deploy' : 'schedule',
      startedAt: iso(began),
      endedAt: iso(began + durationMs),
      ok: !failed,
      durationMs,
      steps: { snapshot: Math.round(durationMs / 3), inspect: Math.round(durationMs / 3) },
      ...(failed ? { error: { at: iso(began + durationMs), ...failed } } : {}),
      ...(entry
        ? {
            backup: {
              id: entry.id,
              kind: entry.kind,
              verdict: entry.verdict,
              size: entry.size,
              storedBytes: entry.storedBytes,
              pages: entry.pages,
              expires: entry.expires,
            },
          }
        : {}),
    };
  });
  const testAt = NOW - 9 * DAY - 3 * HOUR;
  const tests = [0, 30, 60].map((back): RunRecord => ({
    run: `${idOf(testAt - back * DAY)}-${hex(back)}`,
    operation: 'restore-test',
    reason: 'schedule',
    startedAt: iso(testAt - back * DAY),
    endedAt: iso(testAt - back * DAY + 4100),
    ok: true,
    durationMs: 4100,
    steps: {},
  }));
  return [...runs, ...(backups > 60 ? tests : [])]
    .sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1))
    .slice(-90);
}

function manifestOf(newest: BackupDocument | undefined): unknown {
  return newest
    ? {
        lifeboat: 1,
        id: newest.id,
        database: newest.database,
        kind: newest.kind,
        takenAt: newest.takenAt,
        size: newest.size,
        sha256: newest.sha256,
        inspection: { verdict: newest.verdict, checks: newest.checks },
      }
    : null;
}
