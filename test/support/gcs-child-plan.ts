import type { Fault } from '../fakes/gcs-server/types.ts';

export const SIZE = 900_000;
export const FAULTY: readonly Fault[] = [
  { type: 'status', status: 503 },
  { type: 'status', status: 429 },
  { type: 'status', status: 403 },
  { type: 'status', status: 404 },
  { type: 'reset' },
  { type: 'reset', afterwards: true },
  { type: 'cut', after: 0 },
  { type: 'cut', after: 150_000 },
  { type: 'stall' },
  { type: 'stall', after: 150_000 },
  { type: 'corrupt', at: 10 },
];
