import type { Retention } from '../config/types.ts';
import type { Manifest, Slot } from '../format/manifest.ts';
import { chainOf, verified } from './chain.ts';
import { DAY_MS } from '../lib/text/time.ts';
import { localMidnight } from '../lib/text/zone.ts';

const LONG_SLOTS = ['weekly', 'monthly', 'yearly'] as const;

type LongSlot = (typeof LONG_SLOTS)[number];

/** For how long backups are kept, and in which calendar. */
export type Calendar = { readonly retention: Retention; readonly timeZone: string };

export type Promotion = {
  readonly id: string;
  readonly slot: LongSlot;
  readonly period: string;
  readonly instead: string;
  readonly expires: Date;
};

type Lost = { readonly id: string; readonly slots: readonly LongSlot[]; readonly takenAt: Date };

/** Names the week (by its Monday), month or year that a moment falls into. */
export function periodOf(slot: LongSlot, moment: Date, timeZone: string): string {
  const day = localDay(moment, timeZone);
  if (slot === 'weekly')
    return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * DAY_MS)
      .toISOString()
      .slice(0, 10);
  return day.toISOString().slice(0, slot === 'monthly' ? 7 : 4);
}

/**
 * The slots a new backup takes: the first verified one of a week, month or year takes it, unless it
 * precedes a deploy or a push.
 */
export function takeSlots(
  catalog: readonly Manifest[],
  { takenAt, reason }: { readonly takenAt: Date; readonly reason: string },
  { retention, timeZone }: Calendar,
): Slot[] {
  if (reason === 'pre-deploy' || reason === 'pre-push') return ['daily'];
  const holders = verified(catalog);
  const free = LONG_SLOTS.filter((slot) => {
    const period = periodOf(slot, takenAt, timeZone);
    return (
      retention[slot] > 0 &&
      !holders.some(
        (each) =>
          each.slots.includes(slot) && periodOf(slot, new Date(each.takenAt), timeZone) === period,
      )
    );
  });
  return ['daily', ...free];
}

/**
 * The moment until which a backup with these slots lives: counted in the calendar of the time zone,
 * in whole days from when it was taken.
 */
export function expiryOf(
  takenAt: Date,
  slots: readonly Slot[],
  retention: Retention,
  timeZone: string,
): Date {
  const day = localDay(takenAt, timeZone);
  const ends = slots.map((slot): number => {
    if (slot === 'daily') return day.getTime() + Math.max(1, retention.daily) * DAY_MS;
    if (slot === 'weekly') return day.getTime() + 7 * retention.weekly * DAY_MS;
    return addMonths(day, slot === 'monthly' ? retention.monthly : 12 * retention.yearly).getTime();
  });
  return new Date(takenAt.getTime() + Math.max(...ends) - day.getTime());
}

/**
 * The ids that carry a hold: the newest two verified backups and their chains. Where a chain is
 * broken, the newest two that restore as well.
 */
export function heldIds(catalog: readonly Manifest[]): Set<string> {
  const all = verified(catalog);
  const restorable = all.filter((backup) => chainOf(catalog, backup));
  const newest = [...all.slice(-2), ...restorable.slice(-2)];
  return new Set(
    newest.flatMap((backup) => chainOf(catalog, backup) ?? [backup]).map(({ id }) => id),
  );
}

/**
 * Replaces a damaged holder of a slot by the first sound backup of the same period. Its expiry
 * moves to the end of the slot; the slot itself cannot move, since a manifest never changes. Slots
 * whose time is over, for which nothing sound is left, or that a sound backup holds as well, have
 * no promotion. `damaged` may name backups that are not in the catalog: those that cannot be read,
 * or are gone.
 */
export function promotions(
  catalog: readonly Manifest[],
  damaged: ReadonlySet<string>,
  { retention, timeZone }: Calendar,
  now: Date,
): Promotion[] {
  const sound = verified(catalog).filter((each) =>
    chainOf(catalog, each)?.every(({ id }) => !damaged.has(id)),
  );
  const heirs = lostHolders(catalog, sound, damaged).flatMap(({ id, slots, takenAt }) =>
    slots.flatMap((slot): Promotion[] => {
      const period = periodOf(slot, takenAt, timeZone);
      const candidates = sound.filter(
        (each) => periodOf(slot, new Date(each.takenAt), timeZone) === period,
      );
      const [heir] = candidates;
      if (!heir || candidates.some((each) => each.slots.includes(slot))) return [];
      const expires = expiryOf(new Date(heir.takenAt), [slot], retention, timeZone);
      return expires > now ? [{ id: heir.id, slot, period, instead: id, expires }] : [];
    }),
  );
  // Two that were lost of one period have one heir.
  return heirs.filter(
    ({ slot, period }, at) =>
      heirs.findIndex((each) => each.slot === slot && each.period === period) === at,
  );
}

/**
 * The calendar day of a moment in a time zone, as UTC midnight, so that arithmetic on it knows no
 * daylight saving.
 */
function localDay(moment: Date, timeZone: string): Date {
  return new Date(localMidnight(moment.getTime(), timeZone));
}

/**
 * So many months later; a day that the month does not have is the first of the next, so that
 * nothing lives shorter than it should.
 */
function addMonths(day: Date, months: number): Date {
  const first = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months, 1));
  const length = new Date(
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0),
  ).getUTCDate();
  return new Date(first.getTime() + Math.min(length, day.getUTCDate() - 1) * DAY_MS);
}

/**
 * Holders of slots that do not restore. A backup that cannot be read may have held all of them.
 */
function lostHolders(
  catalog: readonly Manifest[],
  sound: readonly Manifest[],
  damaged: ReadonlySet<string>,
): Lost[] {
  const readable = verified(catalog)
    .filter((each) => !sound.includes(each))
    .map(({ id, slots, takenAt }) => ({
      id,
      slots: LONG_SLOTS.filter((slot) => slots.includes(slot)),
      takenAt: new Date(takenAt),
    }));
  const ids = new Set(catalog.map(({ id }) => id));
  const unreadable = [...damaged]
    .filter((id) => !ids.has(id))
    .map((id) => ({ id, slots: LONG_SLOTS, takenAt: timeOfId(id) }));
  return [...readable, ...unreadable.filter(({ takenAt }) => !Number.isNaN(takenAt.getTime()))];
}

/** `20261123T030000Z-1a2b3c4d` contains the time of the request, which is close to `takenAt`. */
function timeOfId(id: string): Date {
  return new Date(id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, '$1-$2-$3T$4:$5:$6Z'));
}
