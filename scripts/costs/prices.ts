/**
 * US dollars, region us-central1 (tier 1), looked up in November 2026. Prices change: look before
 * you rely on them. cloud.google.com/storage/pricing, /run/pricing, /scheduler/pricing,
 * /secret-manager/pricing, /stackdriver/pricing, /artifact-registry/pricing
 */
export const PRICES = {
  /** Standard storage, a GiB and month. */
  storage: 0.02,
  /** An operation: what writes or lists, and what reads. */
  classA: 0.05 / 10_000,
  classB: 0.004 / 10_000,
  vcpuSecond: 0.000024,
  gibSecond: 0.0000025,
  /** A Cloud Scheduler job and month. */
  job: 0.1,
  /** An active version of a secret and month. */
  secretVersion: 0.06,
  /**
   * A condition of an alarm and month, as announced in 2024. Reports of 2026 say 0.10, and 0.35 per
   * million time series; the pricing page could not be read, so this is the higher of the two.
   */
  condition: 1.5,
  /** Log that is stored, a GiB; images of the functions, a GiB and month. */
  log: 0.5,
  images: 0.1,
} as const;

/** What Google gives away each month, to a billing account. */
export const FREE = {
  vcpuSeconds: 180_000,
  gibSeconds: 360_000,
  jobs: 3,
  secretVersions: 6,
  logGib: 50,
  imagesGib: 0.5,
} as const;
