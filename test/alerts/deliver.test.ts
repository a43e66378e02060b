import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Notification } from '../../core/notify/notification.ts';
import type { Outcome } from '../../core/notify/notifier.ts';
import type { Alert } from '../../core/alerts/decide.ts';
import { notificationOf } from '../../core/alerts/notification.ts';
import { observedFailure, observedSuccess } from '../../core/alerts/observations.ts';
import type { DeliveryOptions, Fallback } from '../../core/alerts/claims.ts';
import { deliver as deliverAll } from '../../core/alerts/deliver.ts';
import type { Observation } from '../../core/alerts/rules.ts';
import { EMPTY_MEMORY } from '../../core/alerts/memory.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const NOW = Date.parse('2026-11-24T03:00:00Z');
const SURROUNDINGS = {
  database: 'shop',
  timeZone: 'UTC',
  tool: 'lifeboat 0.1.0',
  project: 'acme',
  lastGood: null,
};
const busy = { code: 'source_busy', message: 'busy for 30 s', hint: 'Try later.' } as const;
const failure = (run = 'r1', error: Parameters<typeof observedFailure>[0] = busy) =>
  observedFailure(error, { step: 'snapshot', run, at: new Date(NOW) });

type ShopOptions = Omit<DeliveryOptions, 'compose'> & {
  readonly compose: (alert: Alert) => Promise<Notification> | Notification;
  readonly fallback?: Fallback;
};
/** Delivers what was observed about one database. */
const deliver = (
  { compose, fallback, ...options }: ShopOptions,
  observations: readonly Observation[],
) =>
  deliverAll(
    {
      ...options,
      compose: ([first]) => {
        if (!first) throw new Error('nothing to send');
        return compose(first.alert);
      },
    },
    [{ database: 'shop', observations, fallback }],
  );

/** A fake: a store that fails as often as a test says. */
const failingStore = () => {
  const store = createMemoryStore();
  const faults = { read: 0, swap: 0 };
  const failIf = (count: number): void => {
    if (count >= 0)
      throw new LifeboatError('store_unreachable', 'the store does not answer', 'Wait.');
  };
  const failing: Store = {
    ...store,
    stat: async (key) => {
      failIf((faults.read -= 1));
      return store.stat(key);
    },
    replace: async (...object) => {
      failIf((faults.swap -= 1));
      return store.replace(...object);
    },
  };
  return { store: failing, faults };
};

const world = () => {
  const { store, faults } = failingStore();
  const sent: Notification[] = [];
  const lines: string[] = [];
  let hours = 0;
  let works = true;
  const outcome = (): Outcome => ({ channel: 'slack', ok: works, durationMs: 1 });
  const options = (runId: string): ShopOptions => ({
    store,
    runId,
    notifier: {
      channels: ['slack'],
      notify: async (notification) => (sent.push(notification), [outcome()]),
    },
    compose: (alert) => notificationOf(alert, SURROUNDINGS),
    log: (severity, message) => void lines.push(`${severity} ${message}`),
    now: () => new Date(NOW + hours * 3_600_000),
  });
  return {
    sent,
    lines,
    faults,
    options,
    kinds: () => sent.map(({ kind }) => kind),
    later: (more: number) => (hours += more),
    channels: (ok: boolean) => (works = ok),
  };
};

describe('deliver', () => {
  test('a failure is reported with all known facts', async () => {
    const { options, sent } = world();
    await deliver(options('r1'), [failure()]);
    expect(sent).toEqual([
      {
        kind: 'failed',
        database: 'shop',
        at: '2026-11-24T03:00:00.000Z',
        since: '2026-11-24T03:00:00.000Z',
        timeZone: 'UTC',
        tool: 'lifeboat 0.1.0',
        run: 'r1',
        logUrl: expect.stringContaining('project=acme'),
        lastGood: null,
        flapping: false,
        fault: { step: 'snapshot', ...busy },
      },
    ]);
  });

  test.each([
    ['source_suspicious', 'guard'],
    ['source_busy', 'failed'],
  ] as const)(
    'a run that ended with %s is reported as %s, and a day later as still failing',
    async (code, kind) => {
      const { options, kinds, later } = world();
      await deliver(options('r1'), [failure('r1', { ...busy, code })]);
      later(24);
      await deliver(options('r2'), [failure('r2', { ...busy, code })]);
      expect(kinds()).toEqual([kind, 'still-failing']);
    },
  );

  test.each([
    ['a day', undefined, 22, 24],
    ['a week', 7 * 24 * 3_600_000, 24 * 6, 24 * 7],
    ['an hour', 3_600_000, 0.8, 1],
  ])(
    'a problem that lasts is reported again after %s, if so configured',
    async (_, repeatMs, early, due) => {
      const { options, kinds, later } = world();
      const repeating = (runId: string) => ({ ...options(runId), repeatMs });
      await deliver(repeating('r1'), [failure()]);
      later(early);
      await deliver(repeating('r2'), [failure('r2')]);
      expect(kinds()).toEqual(['failed']);
      later(due - early);
      await deliver(repeating('r3'), [failure('r3')]);
      expect(kinds()).toEqual(['failed', 'still-failing']);
    },
  );

  test('ten runs at once send one message', async () => {
    const { options, kinds } = world();
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => deliver(options(`r${n}`), [failure(`r${n}`)])),
    );
    expect(kinds()).toEqual(['failed']);
  });

  test('one success resolves every problem, in one message that names the failure', async () => {
    const { options, sent, kinds } = world();
    const late = observedFailure(
      { code: 'stale', message: 'late', hint: 'Look.' },
      { step: 'watch', run: 'w', at: new Date(NOW), subject: 'late', kind: 'late' },
    );
    await deliver(options('r1'), [failure(), late]);
    await deliver(
      options('r2'),
      observedSuccess(['backup', 'late', 'space'], { run: 'r2', at: new Date(NOW + 1000) }),
    );
    expect(kinds()).toEqual(['failed', 'late', 'recovered']);
    expect(sent.at(-1)).toMatchObject({
      run: 'r2',
      fault: { code: 'source_busy', step: 'snapshot' },
    });
  });

  test('the next call sends an alert that no channel took', async () => {
    const { options, kinds, channels } = world();
    channels(false);
    await deliver(options('r1'), [failure()]);
    channels(true);
    await deliver(options('watch'), []);
    await deliver(options('watch'), []);
    expect(kinds()).toEqual(['failed', 'failed']);
  });

  test('the next call replaces a run that crashed while sending, once its lease has ended', async () => {
    const { options, kinds, later } = world();
    void deliver(
      {
        ...options('dies'),
        notifier: { channels: ['slack'], notify: () => new Promise(() => undefined) },
      },
      [failure()],
    );
    await new Promise((resolve) => setImmediate(resolve));
    await deliver(options('soon'), [failure('soon')]);
    expect(kinds()).toEqual([]);
    later(0.05);
    await deliver(options('watch'), []);
    expect(kinds()).toEqual(['failed']);
  });

  test.each([['read'], ['swap']] as const)(
    'a store that fails to %s silences no alert, and the retries of one process send once',
    async (what) => {
      const { options, kinds, faults, lines } = world();
      const fallback = { memory: EMPTY_MEMORY };
      faults[what] = 1000;
      await deliver({ ...options('r1'), fallback }, [failure()]);
      await deliver({ ...options('r2'), fallback }, [failure('r2')]);
      expect(kinds()).toEqual(['failed']);
      expect(lines).toContain(
        'WARNING could not read which notifications were sent, so some may be repeated: the store does not answer',
      );
    },
  );

  test('a store that fails after the message was sent causes a second message, never none', async () => {
    const { options, kinds, faults, later } = world();
    const { notifier, ...rest } = options('r1');
    const breaking = {
      ...notifier,
      notify: async (notification: Notification) => (
        (faults.read = 1),
        notifier.notify(notification)
      ),
    };
    await deliver({ ...rest, notifier: breaking }, [failure()]);
    await deliver(options('r2'), [failure('r2')]);
    expect(kinds()).toEqual(['failed']);
    later(1);
    await deliver(options('watch'), []);
    expect(kinds()).toEqual(['failed', 'failed']);
  });

  test('a notification that cannot be written is logged, and the next call sends it', async () => {
    const { options, kinds, lines } = world();
    const compose = () =>
      Promise.reject(new LifeboatError('store_unreachable', 'no catalog', 'Wait.'));
    await deliver({ ...options('r1'), compose }, [failure()]);
    expect(lines).toContain('ERROR could not write a notification: no catalog');
    await deliver(options('r2'), []);
    expect(kinds()).toEqual(['failed']);
  });

  test('without channels the memory stays unchanged, so that a channel added later gets the alert', async () => {
    const { options, kinds } = world();
    await deliver({ ...options('r1'), notifier: { channels: [], notify: async () => [] } }, [
      failure(),
    ]);
    await deliver(options('r2'), [failure('r2')]);
    expect(kinds()).toEqual(['failed']);
  });

  test('a restore test is reported once, with its databases', async () => {
    const { options, sent } = world();
    const databases = [{ database: 'shop', ok: false, message: 'row counts differ' }];
    const compose: ShopOptions['compose'] = (alert) =>
      notificationOf(alert, { ...SURROUNDINGS, databases });
    const tested = {
      subject: 'restore-test',
      state: 'event',
      kind: 'restore-test-failed',
      occurrence: '2026-12',
      at: new Date(NOW).toISOString(),
      note: { run: 't1' },
    } as const;
    await deliver({ ...options('t1'), compose }, [tested]);
    await deliver({ ...options('t1-again'), compose }, [tested]);
    expect(sent).toMatchObject([{ kind: 'restore-test-failed', databases, run: 't1' }]);
  });
});
