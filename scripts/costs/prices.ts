/**
 * US dollars in us-central1, where Cloud Run is in its tier 1, looked up in November 2026. Prices
 * change: look before you rely on them. cloud.google.com/storage/pricing, /run/pricing, /scheduler/pricing,
 * /secret-manager/pricing, /stackdriver/pricing, /artifact-registry/pricing, /build/pricing
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
   * A condition of an alarm and month, and a time series that such a condition reads. Several
   * independent reports give these for the time since May 2026; 1.50 a condition was announced in
   * 2024. The page of Google could not be read.
   */
  condition: 0.1,
  timeSeries: 0.35 / 1_000_000,
  /** A minute of Cloud Build. */
  buildMinute: 0.006,
  /** Log that is stored, a GiB; images of the functions, a GiB and month. */
  log: 0.5,
  images: 0.1,
} as const;

type Prices = Readonly<Record<keyof typeof PRICES, number>>;

/**
 * The prices of southamerica-east1 come from earlier lists: its storage was 75 % above us-central1,
 * and Cloud Run's tier 2 is 40 % above tier 1. What has no region costs the same.
 */
export const REGIONS: Readonly<Record<string, Prices>> = {
  'us-central1': PRICES,
  'southamerica-east1': {
    ...PRICES,
    storage: 0.035,
    vcpuSecond: 0.0000336,
    gibSecond: 0.0000035,
  },
};

/** What Google gives away each month, to a billing account. */
export const FREE = {
  vcpuSeconds: 180_000,
  gibSeconds: 360_000,
  jobs: 3,
  secretVersions: 6,
  logGib: 50,
  imagesGib: 0.5,
  buildMinutes: 2500,
} as const;
