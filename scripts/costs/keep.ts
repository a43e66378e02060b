import { chainOf } from '../../core/catalog/chain.ts';
import { expiryOf, takeSlots } from '../../core/catalog/retention.ts';
import type { Manifest } from '../../core/format/manifest.ts';
import type { Retention } from '../../core/config/types.ts';

const DAY = 86_400_000;
const ZONE = 'UTC';

type Kept = { readonly manifest: Manifest; expires: Date };

export type KeptBackups = { readonly full: number; readonly incremental: number };

/**
 * What Lifeboat's own policy has in the store after `years` of one backup a day, most of them
 * increments.
 */
export function keptAfter(years: number, retention: Retention): KeptBackups {
  let kept: Kept[] = [];
  let base: Manifest | undefined;
  for (let day = 0; day < years * 365; day += 1) {
    const takenAt = new Date(Date.UTC(2026, 0, 1, 3) + day * DAY);
    kept = kept.filter(({ expires }) => expires > takenAt);
    const catalog = kept.map(({ manifest }) => manifest);
    const slots = takeSlots(
      catalog,
      { takenAt, reason: 'schedule' },
      { retention, timeZone: ZONE },
    );
    const parent = slots.length > 1 ? undefined : catalog.at(-1);
    const manifest = {
      id: String(day),
      takenAt: takenAt.toISOString(),
      slots,
      parent: parent?.id ?? null,
      depth: parent ? parent.depth + 1 : 0,
      salvage: false,
      inspection: { verdict: 'ok' },
      chain: { salt: parent?.chain.salt ?? String(day) },
    } as unknown as Manifest;
    if (!parent) base = manifest;
    const expires = expiryOf(takenAt, slots, retention, ZONE);
    kept.push({ manifest, expires });
    // An ancestor never expires before a descendant.
    const ancestors = new Set(chainOf([...catalog, manifest], manifest)?.map(({ id }) => id));
    for (const each of kept)
      if (ancestors.has(each.manifest.id) && each.expires < expires) each.expires = expires;
  }
  if (!base) throw new Error('no backup was made');
  const full = kept.filter(({ manifest }) => manifest.parent === null).length;
  return { full, incremental: kept.length - full };
}
