import { describe, expect, test } from 'vitest';
import { announce, announceTogether } from '../../core/alerts/announce.ts';
import { observedFailure, observedSuccess } from '../../core/alerts/observations.ts';
import type { Context } from '../../core/context.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Notification } from '../../core/notify/notification.ts';
import type { Outcome } from '../../core/notify/notifier.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const START = Date.parse('2026-11-24T03:00:00Z');
const MINUTE = 60_000;
const unreachable = {
  code: 'source_unreachable',
  message: 'ssh to backup@10.0.0.5 failed',
  hint: 'Check that the host is up.',
} as const;

/** Many databases on one host, whose runs share nothing but the store. */
const world = (count: number) => {
  const names = Array.from({ length: count }, (_, n) => `db${String(n).padStart(3, '0')}`);
  const store = createMemoryStore();
  const sent: { notification: Notification; channel: string }[] = [];
  const lines: string[] = [];
  const broken = new Map<string, Partial<Outcome>>();
  let minutes = 0;
  let dies = false;
  const now = () => new Date(START + minutes * MINUTE);
  const channels = ['mail', 'slack'];
  const context = (faults: Partial<Store> = {}): Context =>
    ({
      store: { ...store, ...faults },
      catalog: { list: async () => ({ manifests: [], damaged: [], objects: new Map() }) },
      configured: names,
      notifier: {
        channels,
        notify: async (notification: Notification, only = channels) => {
          if (dies) return new Promise(() => undefined);
          return only.map((channel): Outcome => {
            const fault = broken.get(channel);
            if (!fault) sent.push({ notification, channel });
            return { channel, ok: !fault, durationMs: 1, ...fault };
          });
        },
      },
      log: (severity: string, message: string) => void lines.push(`${severity} ${message}`),
      now,
      repeatMs: 24 * 60 * MINUTE,
      project: undefined,
      tool: 'lifeboat 0.1.0',
    }) as never;
  let runs = 0;
  const target = (database: string) => ({
    database,
    timeZone: 'UTC',
    source: `ssh://backup@10.0.0.5/srv/${database}.db`,
  });
  const fails = (database: string, faults?: Partial<Store>) => {
    const runId = `run-${(runs += 1)}`;
    const failure = observedFailure(unreachable, { step: 'snapshot', run: runId, at: now() });
    return announce(context(faults), target(database), [failure], { runId });
  };
  const works = (database: string) => {
    const runId = `run-${(runs += 1)}`;
    const success = observedSuccess(['backup'], { run: runId, at: now() });
    return announce(context(), target(database), success, { runId });
  };
  const watch = () =>
    announceTogether(
      context(),
      names.map((database) => ({ target: target(database), observations: [] })),
      { runId: `watch-${(runs += 1)}` },
    );
  const kinds = (channel: string) =>
    sent.filter((each) => each.channel === channel).map(({ notification }) => notification.kind);
  return {
    names,
    store,
    sent,
    lines,
    kinds,
    fails,
    works,
    watch,
    later: (more: number) => void (minutes += more),
    breaks: (channel: string, fault: Partial<Outcome> = {}) => void broken.set(channel, fault),
    repairs: (channel: string) => void broken.delete(channel),
    dies: (yes: boolean) => void (dies = yes),
    digest: () => sent.map(({ notification }) => notification).findLast((n) => 'groups' in n),
  };
};
const tick = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('200 databases that fail together', () => {
  test('are three messages and, with the next watch, one digest on each channel', async () => {
    const { names, fails, watch, kinds, digest, later } = world(200);
    await Promise.all(names.map((name) => fails(name)));
    expect(kinds('mail')).toEqual(['failed', 'failed', 'failed']);
    later(15);
    await watch();
    await watch();
    expect(kinds('mail')).toEqual(['failed', 'failed', 'failed', 'digest']);
    expect(kinds('slack')).toEqual(kinds('mail'));
    expect(digest()).toMatchObject({
      kind: 'digest',
      groups: [
        {
          kind: 'failed',
          host: '10.0.0.5',
          fault: { step: 'snapshot', ...unreachable },
          databases: { length: 197 },
        },
      ],
    });
  });

  test('and recover together are three messages and one digest again', async () => {
    const { names, fails, works, watch, kinds, later } = world(50);
    for (const name of names) await fails(name);
    await watch();
    later(90);
    for (const name of names) await works(name);
    await watch();
    expect(kinds('mail').slice(4)).toEqual([
      'recovered',
      'recovered',
      'recovered',
      'digest-recovered',
    ]);
  });

  test('and are retried add no further message', async () => {
    const { names, fails, watch, kinds } = world(10);
    for (let n = 0; n < 5; n += 1) for (const name of names) await fails(name);
    await watch();
    expect(kinds('mail')).toEqual(['failed', 'failed', 'failed', 'digest']);
  });

  test('of which one recovers before the digest leave that one out, and report no recovery of it', async () => {
    const { names, fails, works, watch, kinds, digest } = world(6);
    for (const name of names) await fails(name);
    await works('db004');
    await watch();
    expect(kinds('mail')).toEqual(['failed', 'failed', 'failed', 'digest']);
    expect(digest()).toMatchObject({ groups: [{ databases: ['db003', 'db005'] }] });
  });

  test('without a watch are summed up by the next run after an hour', async () => {
    const { names, fails, kinds, digest, later } = world(20);
    for (const name of names) await fails(name);
    later(24 * 60);
    await fails('db007');
    expect(kinds('mail')).toEqual(['failed', 'failed', 'failed', 'digest']);
    expect(digest()).toMatchObject({ groups: [{ databases: { length: 17 } }] });
    for (const name of names.slice(3)) await fails(name);
    expect(kinds('mail')).toHaveLength(4);
  });

  test('and are not in the configuration are never left to a digest, which would not find them', async () => {
    const { names, fails, kinds, lines } = world(3);
    for (const name of names) await fails(name);
    await fails('elsewhere');
    expect(kinds('mail')).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(lines.filter((line) => line.includes('waits for the digest'))).toEqual([]);
  });

  test('lose nothing when the watch dies after it took over the alerts', async () => {
    const { names, fails, watch, kinds, later, dies } = world(10);
    for (const name of names) await fails(name);
    dies(true);
    void watch();
    await tick();
    dies(false);
    await watch();
    expect(kinds('mail')).toHaveLength(3);
    later(3);
    await watch();
    expect(kinds('mail')).toEqual(['failed', 'failed', 'failed', 'digest']);
  });

  test('lose nothing when nobody can count them', async () => {
    const { names, store, fails, kinds, lines } = world(6);
    const stat: Store['stat'] = async (key) => {
      if (key === 'state/_store.json')
        throw new LifeboatError('store_denied', 'no right to read it', 'Grant it.');
      return store.stat(key);
    };
    for (const name of names) await fails(name, { stat });
    expect(kinds('mail')).toHaveLength(6);
    expect(lines.join('\n')).toContain('could not count the alerts of this cause');
  });

  test('say so in the log', async () => {
    const { names, fails, lines } = world(4);
    for (const name of names) await fails(name);
    expect(lines).toEqual([
      'INFO other databases have the same problem, so the alert about db003 waits for the digest of the next watch',
    ]);
  });
});

describe('a channel that is down while another one works', () => {
  test('gets the problem when it works again, once, and the other one does not get it twice', async () => {
    const { fails, watch, kinds, later, breaks, repairs } = world(1);
    breaks('mail');
    await fails('db000');
    later(3);
    await watch();
    expect([kinds('mail'), kinds('slack')]).toEqual([[], ['failed']]);
    repairs('mail');
    later(60);
    await watch();
    await watch();
    expect([kinds('mail'), kinds('slack')]).toEqual([['failed'], ['failed']]);
  });

  test('gets the recovery instead, if the problem is resolved by then', async () => {
    const { fails, works, watch, kinds, later, breaks, repairs } = world(1);
    breaks('mail');
    await fails('db000');
    repairs('mail');
    later(5);
    await works('db000');
    await watch();
    expect([kinds('mail'), kinds('slack')]).toEqual([['recovered'], ['failed', 'recovered']]);
  });

  test('gets a recovery that it missed', async () => {
    const { fails, works, watch, kinds, later, breaks, repairs } = world(1);
    await fails('db000');
    breaks('mail');
    later(5);
    await works('db000');
    repairs('mail');
    await watch();
    await watch();
    expect([kinds('mail'), kinds('slack')]).toEqual([
      ['failed', 'recovered'],
      ['failed', 'recovered'],
    ]);
  });

  test('gets one digest of what it missed about many databases', async () => {
    const { names, fails, watch, kinds, breaks, repairs } = world(3);
    breaks('mail');
    for (const name of names) await fails(name);
    repairs('mail');
    await watch();
    expect([kinds('mail'), kinds('slack')]).toEqual([['digest'], ['failed', 'failed', 'failed']]);
  });

  test('is given up after seven days', async () => {
    const { fails, watch, kinds, later, breaks, repairs } = world(1);
    breaks('mail');
    await fails('db000');
    later(8 * 24 * 60);
    repairs('mail');
    await watch();
    expect(kinds('mail')).toEqual([]);
  });
});

describe('a service that asks for a long pause', () => {
  test('is not called before the pause is over, and then gets a digest of the rest', async () => {
    const { names, fails, watch, sent, kinds, later, breaks, repairs } = world(3);
    breaks('slack', { retryAfterMs: 30 * MINUTE });
    await fails('db000');
    repairs('slack');
    for (const name of names.slice(1)) await fails(name);
    later(15);
    await watch();
    expect([kinds('mail'), kinds('slack')]).toEqual([['failed', 'failed', 'failed'], []]);
    later(30);
    await watch();
    expect(kinds('slack')).toEqual(['digest']);
    expect(sent.at(-1)?.notification).toMatchObject({ groups: [{ databases: names }] });
  });
});
