import { describe, expect, test } from 'vitest';
import { hostOf, causeOf } from '../../core/alerts/cause.ts';
import { admit, NO_PACING, withPauses, type Pacing } from '../../core/alerts/pace.ts';

const NOW = new Date('2026-11-24T03:00:00Z');
const after = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
const alerts = (count: number, cause = 'bad:source_unreachable@10.0.0.5') =>
  Array.from({ length: count }, (_, n) => ({ cause, database: `db${n}` }));

describe('pacing', () => {
  test('admits three databases of a cause within an hour', () => {
    const { admitted, pacing } = admit(NO_PACING, alerts(5), NOW);
    expect(admitted).toEqual([true, true, true, false, false]);
    expect(admit(pacing, alerts(6).slice(5), after(59)).admitted).toEqual([false]);
    expect(admit(pacing, alerts(6).slice(5), after(61)).admitted).toEqual([true]);
  });

  test('admits a database again that was admitted before, so that one database is never held back', () => {
    const { pacing } = admit(NO_PACING, alerts(3), NOW);
    expect(admit(pacing, alerts(4), after(1)).admitted).toEqual([true, true, true, false]);
  });

  test('counts each cause by itself', () => {
    const { pacing } = admit(NO_PACING, alerts(9), NOW);
    expect(admit(pacing, alerts(1, 'good:source_unreachable@10.0.0.5'), NOW).admitted).toEqual([
      true,
    ]);
  });

  test('stays the same when nothing is admitted, so that only the first runs write it', () => {
    const { pacing } = admit(NO_PACING, alerts(3), NOW);
    expect(admit(pacing, alerts(200).slice(3), after(1)).pacing).toEqual(pacing);
  });

  test('keeps a pause for an hour at most, and the later of two', () => {
    const long = withPauses(NO_PACING, new Map([['slack', 86_400_000]]), NOW);
    expect(long.pauses).toEqual({ slack: after(60).toISOString() });
    expect(withPauses(long, new Map([['slack', 1000]]), NOW)).toEqual(long);
    expect(admit(long, [], after(61)).pacing).toEqual(NO_PACING);
  });

  test('ignores times that only a wrong clock can have written', () => {
    const wrong: Pacing = {
      version: 1,
      causes: { c: { until: after(100_000).toISOString(), databases: ['a', 'b', 'c'] } },
      pauses: { slack: after(100_000).toISOString() },
    };
    const { admitted, pacing } = admit(wrong, [{ cause: 'c', database: 'd' }], NOW);
    expect([admitted, pacing.pauses]).toEqual([[true], {}]);
  });
});

describe('a cause', () => {
  test.each([
    ['source_unreachable', 'ssh://backup@10.0.0.5/srv/shop.db', '10.0.0.5'],
    ['source_unreachable', 'https://shop.example.com/db', 'shop.example.com'],
    ['source_busy', 'gs://acme-data/shop.db', 'acme-data'],
    ['source_busy', '/srv/shop.db', ''],
    ['store_denied', 'ssh://backup@10.0.0.5/srv/shop.db', 'acme-backups'],
    ['backup_damaged', '/srv/shop.db', 'acme-backups'],
  ])('%s of %s lies on %j', (code, source, host) =>
    expect(hostOf(code, { source, store: 'gs://acme-backups/shop' })).toBe(host),
  );

  test('of a file lies on the machine that has it', () => {
    const alert = { direction: 'bad', note: { code: 'source_busy' }, trouble: null } as const;
    expect(causeOf(alert, 'web-1')).toBe('bad:source_busy@web-1');
    const remote = { ...alert, note: { code: 'source_busy', host: '10.0.0.5' } };
    expect(causeOf(remote, 'web-1')).toBe('bad:source_busy@10.0.0.5');
  });

  test('of a recovery is the problem that is over', () => {
    const trouble = { code: 'source_unreachable', host: '10.0.0.5' };
    expect(causeOf({ direction: 'good', note: { run: 'r' }, trouble })).toBe(
      'good:source_unreachable@10.0.0.5',
    );
  });
});
