import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Notification } from '../../core/notify/notification.ts';
import type { Outcome } from '../../core/notify/notifier.ts';
import {
  notificationOf,
  observedFailure,
  observedSuccess,
} from '../../core/alerts/observations.ts';
import { tell, type TellOptions } from '../../core/alerts/deliver.ts';
import { NO_MEMORY } from '../../core/alerts/memory.ts';
import type { MemoryPort } from '../../core/state/told-memory.ts';

const NOW = Date.parse('2026-11-24T03:00:00Z');
const AROUND = {
  database: 'shop',
  timeZone: 'UTC',
  tool: 'lifeboat 0.1.0',
  project: 'acme',
  lastGood: null,
};
const busy = { code: 'source_busy', message: 'busy for 30 s', hint: 'Try later.' } as const;
const failure = (run = 'r1', error: Parameters<typeof observedFailure>[0] = busy) =>
  observedFailure(error, { step: 'snapshot', run, at: new Date(NOW) });

/** A fake: the memory of one database with compare-and-swap, as text as a store keeps it. */
const memory = () => {
  let [text, generation] = ['null', 0];
  const faults = { read: 0, swap: 0 };
  const port: MemoryPort = {
    read: async () => {
      if ((faults.read -= 1) >= 0)
        throw new LifeboatError('store_unreachable', 'the store does not answer', 'Wait.');
      return { memory: JSON.parse(text), token: generation };
    },
    swap: async (next, token) => {
      await Promise.resolve();
      if ((faults.swap -= 1) >= 0)
        throw new LifeboatError('store_unreachable', 'the store does not answer', 'Wait.');
      if (token !== generation) return false;
      [text, generation] = [JSON.stringify(next), generation + 1];
      return true;
    },
  };
  return { port, faults };
};

const world = () => {
  const { port, faults } = memory();
  const sent: Notification[] = [];
  const lines: string[] = [];
  let hours = 0;
  let works = true;
  const outcome = (): Outcome => ({ channel: 'slack', ok: works, durationMs: 1 });
  const options = (by: string): TellOptions => ({
    port,
    by,
    pause: () => Promise.resolve(),
    notifier: { channels: ['slack'], notify: async (told) => (sent.push(told), [outcome()]) },
    compose: (telling) => notificationOf(telling, AROUND),
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

describe('tell', () => {
  test('tells a failure with everything that is known of it', async () => {
    const { options, sent } = world();
    await tell(options('r1'), [failure()]);
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
    'a run that ended with %s is told as %s, and a day later as still failing',
    async (code, kind) => {
      const { options, kinds, later } = world();
      await tell(options('r1'), [failure('r1', { ...busy, code })]);
      later(24);
      await tell(options('r2'), [failure('r2', { ...busy, code })]);
      expect(kinds()).toEqual([kind, 'still-failing']);
    },
  );

  test.each([
    ['a day', undefined, 22, 24],
    ['a week', 7 * 24 * 3_600_000, 24 * 6, 24 * 7],
    ['an hour', 3_600_000, 0.8, 1],
  ])(
    'trouble that lasts is told again after %s, when that is asked for',
    async (_, repeatMs, early, due) => {
      const { options, kinds, later } = world();
      const asked = (by: string) => ({
        ...options(by),
        ...(repeatMs === undefined ? {} : { repeatMs }),
      });
      await tell(asked('r1'), [failure()]);
      later(early);
      await tell(asked('r2'), [failure('r2')]);
      expect(kinds()).toEqual(['failed']);
      later(due - early);
      await tell(asked('r3'), [failure('r3')]);
      expect(kinds()).toEqual(['failed', 'still-failing']);
    },
  );

  test('of ten deliveries at once one is told', async () => {
    const { options, kinds } = world();
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => tell(options(`r${n}`), [failure(`r${n}`)])),
    );
    expect(kinds()).toEqual(['failed']);
  });

  test('one success ends every trouble, in one message that names what had failed', async () => {
    const { options, sent, kinds } = world();
    const late = observedFailure(
      { code: 'stale', message: 'late', hint: 'Look.' },
      { step: 'watch', run: 'w', at: new Date(NOW), subject: 'late', kind: 'late' },
    );
    await tell(options('r1'), [failure(), late]);
    await tell(
      options('r2'),
      observedSuccess(['backup', 'late', 'space'], { run: 'r2', at: new Date(NOW + 1000) }),
    );
    expect(kinds()).toEqual(['failed', 'late', 'recovered']);
    expect(sent.at(-1)).toMatchObject({
      run: 'r2',
      fault: { code: 'source_busy', step: 'snapshot' },
    });
  });

  test('what no channel took is told again by the next call', async () => {
    const { options, kinds, channels } = world();
    channels(false);
    await tell(options('r1'), [failure()]);
    channels(true);
    await tell(options('watch'), []);
    await tell(options('watch'), []);
    expect(kinds()).toEqual(['failed', 'failed']);
  });

  test('who dies while sending is replaced by the next call, once the claim has run out', async () => {
    const { options, kinds, later } = world();
    void tell(
      {
        ...options('dies'),
        notifier: { channels: ['slack'], notify: () => new Promise(() => undefined) },
      },
      [failure()],
    );
    await new Promise((resolve) => setImmediate(resolve));
    await tell(options('soon'), [failure('soon')]);
    expect(kinds()).toEqual([]);
    later(0.05);
    await tell(options('watch'), []);
    expect(kinds()).toEqual(['failed']);
  });

  test.each([['read'], ['swap']] as const)(
    'a store that fails to %s makes nothing silent, and retries of one process tell once',
    async (what) => {
      const { options, kinds, faults, lines } = world();
      const spare = { memory: NO_MEMORY };
      faults[what] = 1000;
      await tell({ ...options('r1'), spare }, [failure()]);
      await tell({ ...options('r2'), spare }, [failure('r2')]);
      expect(kinds()).toEqual(['failed']);
      expect(lines).toContain(
        'WARNING what was told before is not known, so it may be told again: the store does not answer',
      );
    },
  );

  test('a store that fails only when the message is out makes it come once more, not never', async () => {
    const { options, kinds, faults, later } = world();
    const { notifier, ...rest } = options('r1');
    const breaking = {
      ...notifier,
      notify: async (told: Notification) => ((faults.read = 1), notifier.notify(told)),
    };
    await tell({ ...rest, notifier: breaking }, [failure()]);
    await tell(options('r2'), [failure('r2')]);
    expect(kinds()).toEqual(['failed']);
    later(1);
    await tell(options('watch'), []);
    expect(kinds()).toEqual(['failed', 'failed']);
  });

  test('a notification that cannot be made is logged and told by the next call', async () => {
    const { options, kinds, lines } = world();
    const compose = () =>
      Promise.reject(new LifeboatError('store_unreachable', 'no catalog', 'Wait.'));
    await tell({ ...options('r1'), compose }, [failure()]);
    expect(lines).toContain('ERROR a notification could not be made: no catalog');
    await tell(options('r2'), []);
    expect(kinds()).toEqual(['failed']);
  });

  test('without channels the memory is left alone, so that a channel added later hears of it', async () => {
    const { options, kinds } = world();
    await tell({ ...options('r1'), notifier: { channels: [], notify: async () => [] } }, [
      failure(),
    ]);
    await tell(options('r2'), [failure('r2')]);
    expect(kinds()).toEqual(['failed']);
  });

  test('a restore test is told once, with its databases', async () => {
    const { options, sent } = world();
    const databases = [{ database: 'shop', ok: false, message: 'row counts differ' }];
    const compose: TellOptions['compose'] = (telling) =>
      notificationOf(telling, { ...AROUND, databases });
    const tested = {
      subject: 'restore-test',
      state: 'event',
      kind: 'restore-test-failed',
      occurrence: '2026-12',
      at: new Date(NOW).toISOString(),
      note: { run: 't1' },
    } as const;
    await tell({ ...options('t1'), compose }, [tested]);
    await tell({ ...options('t1-again'), compose }, [tested]);
    expect(sent).toMatchObject([{ kind: 'restore-test-failed', databases, run: 't1' }]);
  });
});
