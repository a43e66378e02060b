import { PLACES, type BackupPlace } from '../schedule/places.ts';
import { PROCESS_BYTES } from './fit.ts';

/** What a backup took: bytes of the database, and ms of the longest recent run. */
export type BackupLoad = { readonly size: number; readonly durationMs: number };
/** What a function offers: bytes of memory, which hold the files too, and ms for a run. */
export type FunctionLimits = { readonly memory: number; readonly ms: number };
/** A job has a disk and hours, and says itself when either is short. */
export type PlaceLimits = Readonly<Record<Exclude<BackupPlace, 'job'>, FunctionLimits>> & {
  /** How long a restore test may take that is not a job, ms. */
  readonly restoreTestMs: number;
};

/** How much of its place a backup takes: 1 is all that there is. */
export type PlaceUse = {
  readonly share: number;
  readonly short: 'memory' | 'time';
};

/** A backup that takes more than this share of its place needs a larger one before it grows. */
export const NEAR_SHARE = 0.8;
/** The functions as the Terraform of a deployment creates them by default. */
export const DEFAULT_MEMORY = 4 * 2 ** 30;

/** What the backup takes of a function; `undefined` for a job. */
export function placeUse(
  place: BackupPlace,
  load: BackupLoad,
  limits: PlaceLimits,
): PlaceUse | undefined {
  if (place === 'job') return undefined;
  const { memory, ms } = limits[place];
  const ofMemory = load.size / memoryForFiles(memory);
  const ofTime = load.durationMs / ms;
  return ofMemory >= ofTime
    ? { share: ofMemory, short: 'memory' }
    : { share: ofTime, short: 'time' };
}

/** The smallest place that has room for the backup to grow. */
export function smallestPlace(load: BackupLoad, limits: PlaceLimits): BackupPlace {
  return PLACES.find((place) => (placeUse(place, load, limits)?.share ?? 0) <= NEAR_SHARE) ?? 'job';
}

/** The largest database, in bytes, that a function with this memory can back up. */
export function memoryForFiles(memory: number): number {
  return Math.max(1, memory - PROCESS_BYTES);
}

/**
 * The limits in LIFEBOAT_PLACES, which the Terraform of a deployment sets for the watch; `undefined`
 * without them, or when they are not valid.
 */
export function parsePlaceLimits(text: string | undefined): PlaceLimits | undefined {
  if (!text) return undefined;
  try {
    const limits = JSON.parse(text) as Record<string, { memory?: unknown; seconds?: unknown }>;
    const of = (place: string): FunctionLimits => ({
      memory: Number(limits[place]?.memory),
      ms: Number(limits[place]?.seconds) * 1000,
    });
    const places = { function: of('function'), http: of('http') };
    const restoreTestMs = Number(limits['restore-test']?.seconds) * 1000;
    const numbers = Object.values(places).flatMap(({ memory, ms }) => [memory, ms]);
    return [...numbers, restoreTestMs].every((number) => number > 0)
      ? { ...places, restoreTestMs }
      : undefined;
  } catch {
    return undefined;
  }
}
