import type { Context } from '../context.ts';
import { mapConcurrent, timeout } from '../lib/async.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { areEnoughAt, summaryFacts, withoutOlderBackups } from './facts.ts';
import {
  OVERVIEW_BUNDLE_KEY,
  readOverviewBundle,
  writeOverviewBundle,
  type BundledFacts,
  type OverviewBundle,
} from './overview-bundle.ts';
import { listSummaries, readSummary, type SummaryListing } from './state.ts';

/** How many summaries are read at once; each takes a round trip and some 70 KB. */
export const SUMMARIES_AT_ONCE = 64;
/** With fewer summaries, reading each of them is as quick. */
export const LEAST_BUNDLED_SUMMARIES = 100;

type SavingContext = Pick<Context, 'store' | 'now' | 'log'>;

type CurrentFacts = {
  /** By database; none of a summary that cannot be read. */
  readonly current: ReadonlyMap<string, BundledFacts>;
  /** The bundle has exactly these. */
  readonly isBundled: boolean;
};

/**
 * The facts of the listed summaries: from the bundle where they belong to the listed generation and
 * suffice now, else from the summary itself. So they are those of reading every summary, whatever
 * the bundle has.
 */
export async function currentFacts(
  context: Pick<Context, 'store'>,
  summaries: SummaryListing,
  now: Date,
): Promise<ReadonlyMap<string, BundledFacts>> {
  const bundle = await readOverviewBundle(context.store);
  return (await factsFrom(context, { summaries, bundle }, now)).current;
}

/**
 * Brings the bundle up to date, so that the status reads few summaries until the next watch. Never
 * throws: without it, the status only takes longer. Gives up after `limitMs`.
 */
export async function saveOverviewBundle(context: SavingContext, limitMs: number): Promise<void> {
  const error = (): LifeboatError =>
    new LifeboatError('deadline', 'no time left', 'The next watch tries again.');
  try {
    await timeout(() => updateOverviewBundle(context), { ms: limitMs, error });
  } catch (cause) {
    const { message, code } = toLifeboatError(cause);
    context.log('WARNING', `the overview of ${context.store.url} was not stored: ${message}`, {
      event: 'record',
      code,
      hint: 'Nothing is lost: the status reads the summary of each database until the next watch.',
      cause,
    });
  }
}

async function updateOverviewBundle(context: SavingContext): Promise<void> {
  const { store } = context;
  // Before the listing: if another watch writes the bundle from now on, its content stays.
  const generation = (await store.stat(OVERVIEW_BUNDLE_KEY))?.generation;
  const summaries = await listSummaries(context);
  if (summaries.size < LEAST_BUNDLED_SUMMARIES) return;
  const bundle = generation === undefined ? new Map() : await readOverviewBundle(store);
  const { current, isBundled } = await factsFrom(context, { summaries, bundle }, context.now());
  if (!isBundled) await writeOverviewBundle(store, current.values(), generation);
}

async function factsFrom(
  context: Pick<Context, 'store'>,
  { summaries, bundle }: { summaries: SummaryListing; bundle: OverviewBundle },
  now: Date,
): Promise<CurrentFacts> {
  const entries = await mapConcurrent(
    [...summaries],
    SUMMARIES_AT_ONCE,
    async ([database, generation]): Promise<BundledFacts | undefined> => {
      const bundled = bundle.get(database);
      if (bundled?.generation === generation && areEnoughAt(bundled.facts, now)) return bundled;
      // What is read may be newer than the listing. Then its entry never fits a later one.
      const summary = await readSummary(context, database);
      return (
        summary && { database, generation, facts: withoutOlderBackups(summaryFacts(summary), now) }
      );
    },
  );
  const current = new Map(entries.flatMap((entry) => (entry ? [[entry.database, entry]] : [])));
  const isBundled =
    current.size === bundle.size &&
    [...current].every(([database, entry]) => bundle.get(database) === entry);
  return { current, isBundled };
}
