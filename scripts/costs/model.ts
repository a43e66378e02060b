import type { KeptBackups } from './keep.ts';
import { FREE, PRICES, REGIONS } from './prices.ts';

const GIB = 1 << 30;

/** What is assumed of each database, and of the deployment. Sizes in bytes. */
export const ASSUMED = {
  size: 100 << 20,
  /**
   * What compression leaves of it, and what changes from day to day. Both as the benchmark's shop
   * has them.
   */
  left: 0.53,
  changed: 0.04,
  /** Fingerprints: 16 bytes a page of 4 KiB. */
  fingerprints: 16 / 4096,
  retention: { daily: 14, weekly: 8, monthly: 12, yearly: 3 },
  years: 4,
  softDeleteDays: 7,
  /** Requests of a run; test/scripts counts them. */
  requests: { backup: { a: 34, b: 16 }, watch: { a: 4, b: 8 }, restoreTest: { a: 12, b: 40 } },
  /**
   * A backup pulls, inspects and stores so many bytes a second, after a start; 4 GiB of memory come
   * with 2 vCPU.
   */
  backup: { start: 5, rate: 20 << 20, vcpu: 2, gib: 4 },
  watch: { start: 5, each: 0.2, vcpu: 0.583, gib: 1 },
  jobs: 2,
  secrets: 3,
  conditions: 6,
  /** Of a month: three conditions read metrics, each some two series, every 30 seconds. */
  timeSeries: 3 * 2 * 2 * 60 * 24 * 30,
  logBytes: 20 << 10,
  /** An upgrade a week builds five images of some 200 MiB, in three minutes each. */
  deployments: 4,
  build: { images: 5, minutes: 3, gib: 0.2 },
} as const;

const DAYS = 30;
const HOURS = 24 * DAYS;

export type Costs = Readonly<
  Record<
    | 'storage'
    | 'requests'
    | 'functions'
    | 'schedules'
    | 'secrets'
    | 'alarms'
    | 'log'
    | 'builds and images',
    number
  >
>;

/**
 * Dollars a month for so many databases in a region, each backed up once a day, watched every hour
 * and restored once a month, with so many kept backups of each. Pure.
 */
export function costsOf(
  databases: number,
  { full, incremental }: KeptBackups,
  region = 'us-central1',
): Costs {
  const prices = REGIONS[region] ?? PRICES;
  const fullBytes = ASSUMED.size * (ASSUMED.left + ASSUMED.fingerprints);
  const incrementBytes = ASSUMED.size * (ASSUMED.changed * ASSUMED.left + ASSUMED.fingerprints);
  // What expires is kept a week longer by soft delete: as much as a week makes.
  const deleted = fullBytes + (ASSUMED.softDeleteDays - 1) * incrementBytes;
  const stored = (full * fullBytes + incremental * incrementBytes + deleted) / GIB;

  const { backup, watch, restoreTest } = ASSUMED.requests;
  const a = DAYS * backup.a + HOURS * watch.a + restoreTest.a;
  const b = DAYS * backup.b + HOURS * watch.b + restoreTest.b;

  // Two restores in a restore test take about as long as a backup each.
  const backupSeconds =
    databases * (DAYS + 2) * (ASSUMED.backup.start + ASSUMED.size / ASSUMED.backup.rate);
  const watchSeconds = HOURS * (ASSUMED.watch.start + databases * ASSUMED.watch.each);
  const vcpu = backupSeconds * ASSUMED.backup.vcpu + watchSeconds * ASSUMED.watch.vcpu;
  const gib = backupSeconds * ASSUMED.backup.gib + watchSeconds * ASSUMED.watch.gib;

  // Nothing deletes old images, so a month keeps what it built.
  const builds = ASSUMED.deployments * ASSUMED.build.images;
  const logged = (databases * (DAYS + 1) * ASSUMED.logBytes + HOURS * ASSUMED.logBytes) / GIB;
  return {
    storage: databases * stored * prices.storage,
    requests: databases * (a * prices.classA + b * prices.classB),
    functions:
      above(vcpu, FREE.vcpuSeconds) * prices.vcpuSecond +
      above(gib, FREE.gibSeconds) * prices.gibSecond,
    schedules: above(databases + ASSUMED.jobs, FREE.jobs) * prices.job,
    secrets: above(ASSUMED.secrets, FREE.secretVersions) * prices.secretVersion,
    alarms: ASSUMED.conditions * prices.condition + ASSUMED.timeSeries * prices.timeSeries,
    log: above(logged, FREE.logGib) * prices.log,
    'builds and images':
      above(builds * ASSUMED.build.minutes, FREE.buildMinutes) * prices.buildMinute +
      above(builds * ASSUMED.build.gib, FREE.imagesGib) * prices.images,
  };
}

function above(used: number, free: number): number {
  return Math.max(0, used - free);
}
