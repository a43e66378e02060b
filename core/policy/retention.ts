import type { Manifest, Slot } from '../archive/manifest.ts';
import { chainOf, verified } from './chain.ts';

export type Retention = { readonly daily: number; readonly weekly: number; readonly monthly: number; readonly yearly: number };
const DAY = 86_400_000;
const LONG_SLOTS = ['weekly', 'monthly', 'yearly'] as const;

type LongSlot = (typeof LONG_SLOTS)[number];

/** The calendar day of a moment in a time zone, as UTC midnight, so that arithmetic on it knows no daylight saving. */
const localDay = (moment: Date, timeZone: string): Date => {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return new Date(`${format.format(moment)}T00:00:00Z`);
};

/** Names the week (by its Monday), month or year that a moment falls into. */
export const periodOf = (slot: LongSlot, moment: Date, timeZone: string): string => {
  const day = localDay(moment, timeZone);
  if (slot === 'weekly') return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * DAY).toISOString().slice(0, 10);
  return day.toISOString().slice(0, slot === 'monthly' ? 7 : 4);
};

/** The slots a new backup takes: the first verified one of a week, month or year takes it, unless it precedes a deploy or a push. */
export const takeSlots = (catalog: readonly Manifest[], takenAt: Date, reason: string, retention: Retention, timeZone: string): Slot[] => {
  if (reason === 'pre-deploy' || reason === 'pre-push') return ['daily'];
  const holders = verified(catalog);
  const free = LONG_SLOTS.filter((slot) => {
    const period = periodOf(slot, takenAt, timeZone);
    return (
      retention[slot] > 0 &&
      !holders.some((each) => each.slots.includes(slot) && periodOf(slot, new Date(each.takenAt), timeZone) === period)
    );
  });
  return ['daily', ...free];
};

/** The moment until which a backup with these slots lives. */
export const expiryOf = (takenAt: Date, slots: readonly Slot[], retention: Retention): Date => {
  const ends = slots.map((slot) => {
    const end = new Date(takenAt);
    if (slot === 'daily') end.setUTCDate(end.getUTCDate() + Math.max(1, retention.daily));
    if (slot === 'weekly') end.setUTCDate(end.getUTCDate() + 7 * retention.weekly);
    if (slot === 'monthly') end.setUTCMonth(end.getUTCMonth() + retention.monthly);
    if (slot === 'yearly') end.setUTCFullYear(end.getUTCFullYear() + retention.yearly);
    return end.getTime();
  });
  return new Date(Math.max(...ends));
};

/** The ids that carry a hold: the newest two verified backups and their chains. */
export const heldIds = (catalog: readonly Manifest[]): Set<string> => {
  const newest = verified(catalog).slice(-2);
  return new Set(newest.flatMap((backup) => chainOf(catalog, backup) ?? [backup]).map(({ id }) => id));
};

export type Promotion = {
  readonly id: string;
  readonly slot: LongSlot;
  readonly period: string;
  readonly instead: string;
  readonly expires: Date;
};

/**
 * Who takes the place of a damaged holder of a slot: the first sound backup of the same period. Its expiry moves to where the slot's end is; the
 * slot itself cannot move, since a manifest never changes. Slots whose time is over, or for which nothing sound is left, have no promotion.
 */
export const promotions = (
  catalog: readonly Manifest[],
  damaged: ReadonlySet<string>,
  retention: Retention,
  timeZone: string,
  now: Date,
): Promotion[] => {
  const sound = verified(catalog).filter((each) => !damaged.has(each.id) && chainOf(catalog, each)?.every(({ id }) => !damaged.has(id)));
  return verified(catalog)
    .filter(({ id }) => damaged.has(id))
    .flatMap((holder) =>
      LONG_SLOTS.filter((slot) => holder.slots.includes(slot)).flatMap((slot): Promotion[] => {
        const period = periodOf(slot, new Date(holder.takenAt), timeZone);
        const heir = sound.find((each) => periodOf(slot, new Date(each.takenAt), timeZone) === period);
        if (!heir) return [];
        const expires = expiryOf(new Date(heir.takenAt), [slot], retention);
        return expires > now ? [{ id: heir.id, slot, period, instead: holder.id, expires }] : [];
      }),
    );
};
