import type { MemoryPort } from '../state/told-memory.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { toLifeboatError } from '../lib/errors.ts';
import type { Notification } from '../notify/notification.ts';
import type { Notifier, Outcome } from '../notify/notifier.ts';
import { decide, settle, type Alert } from './decide.ts';
import { NO_MEMORY, parseMemory, type Memory } from './memory.ts';
import type { Log } from '../lib/log.ts';
import type { Observation } from './rules.ts';

export type TellOptions = {
  readonly port: MemoryPort;
  readonly notifier: Notifier;
  /** Makes the notification. It may look up more; when it throws, the message is told later. */
  readonly compose: (telling: Alert) => Promise<Notification> | Notification;
  readonly log: Log;
  readonly now: () => Date;
  /** After how long trouble that lasts is told again; a day when absent. */
  readonly repeatMs?: number;
  /** Names this run, and no other at the same time. */
  readonly by: string;
  /** Waits before the next try after a lost swap; tests wait for nothing. */
  readonly pause?: () => Promise<unknown>;
  /** Used while the store does not answer: keeps the retries of one process from telling each time. Keep it between calls. */
  readonly spare?: { memory: Memory };
};

export type Told = { readonly telling: Alert; readonly outcomes: readonly Outcome[] };

const LEASE_MS = 120_000;
const MOST_SWAPS = 20;

/**
 * Tells what the observations ask for, once, and remembers it. Never throws: what cannot be remembered is told all the same, and what cannot
 * be told stays claimed and is told by the next call. The reasons for the order are in `policy/telling.ts`.
 */
export async function tell(
  options: TellOptions,
  observations: readonly Observation[],
): Promise<Told[]> {
  const { notifier, compose, log, now, by, repeatMs, spare = { memory: NO_MEMORY } } = options;
  if (notifier.channels.length === 0) return [];
  const warn = (message: string, failure: unknown): void =>
    log('WARNING', `${message}: ${toLifeboatError(failure).message}`, {
      event: 'notification',
      run: by,
      code: toLifeboatError(failure).code,
    });
  const deciding = (memory: Memory) => {
    const decision = decide(memory, observations, {
      now: now(),
      by,
      leaseMs: LEASE_MS,
      ...(repeatMs === undefined ? {} : { repeatMs }),
    });
    return { memory: decision.memory, result: decision.tell };
  };

  let tellings: readonly Alert[];
  let blind = false;
  try {
    tellings = await change(options, deciding);
  } catch (failure) {
    // The store may be the very thing that failed. Better told twice than not at all.
    warn('what was told before is not known, so it may be told again', failure);
    blind = true;
    const { memory, result } = deciding(spare.memory);
    spare.memory = memory;
    tellings = result;
  }

  const told = await Promise.all(
    tellings.map(async (telling): Promise<Told> => {
      try {
        return { telling, outcomes: await notifier.notify(await compose(telling)) };
      } catch (failure) {
        log('ERROR', `a notification could not be made: ${toLifeboatError(failure).message}`, {
          event: 'notification',
          run: by,
          kind: telling.kind,
          cause: failure,
        });
        return { telling, outcomes: [] };
      }
    }),
  );
  if (told.length === 0) return [];

  const settling = (memory: Memory): Memory =>
    told.reduce(
      (at, { telling, outcomes }) =>
        settle(
          at,
          telling,
          outcomes.some(({ ok }) => ok),
          { now: now(), by },
        ),
      memory,
    );
  if (blind) spare.memory = settling(spare.memory);
  await change(options, (memory) => ({ memory: settling(memory), result: undefined })).catch(
    (failure: unknown) =>
      warn('what was told could not be remembered, so it may be told again', failure),
  );
  return told;
}

/** Reads, changes and swaps until nobody came in between. Throws when the store fails or never stops changing. */
async function change<T>(
  { port, pause = () => delay(50 + Math.random() * 200) }: TellOptions,
  work: (memory: Memory) => { memory: Memory; result: T },
): Promise<T> {
  for (let attempt = 0; attempt < MOST_SWAPS; attempt += 1) {
    const { memory, token } = await port.read();
    const known = parseMemory(memory);
    const { memory: next, result } = work(known);
    if (JSON.stringify(next) === JSON.stringify(known) || (await port.swap(next, token)))
      return result;
    await pause();
  }
  throw new Error('the state of the database changes all the time');
}
