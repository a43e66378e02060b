import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { renderMetrics } from '../../core/status/metrics.ts';
import type { State } from '../../core/state/state.ts';
import type { DatabaseStatus, StatusDocument } from '../../core/documents/status.ts';
import { parseExposition } from '../support/exposition.ts';
import { hostStatus, nightly } from '../support/summaries.ts';

const AT = '2026-11-24T12:00:00.000Z';
const NIGHT = new Date('2026-11-24T03:00:00Z');
const config = parseConfig('databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }', '/');
const statusOf = (name: string, state: State | undefined): DatabaseStatus =>
  hostStatus(name, state, config, new Date(AT));
const documentOf = (...databases: DatabaseStatus[]): StatusDocument => ({
  version: 1,
  at: AT,
  condition: 'good',
  databases,
});
const failed = (): State => {
  const state = nightly('shop', NIGHT);
  const error = {
    at: '2026-11-24T11:00:00.500Z',
    code: 'source_busy',
    message: 'locked',
    hint: 'Wait.',
  };
  const last = state.runs.at(-1);
  if (last) state.runs.push({ ...last, run: 'x', ok: false, endedAt: error.at, error });
  return { ...state, lastFailure: error };
};
const full = renderMetrics(documentOf(statusOf('shop', failed())), '1.2.3');

describe('the metrics', () => {
  test('tell Prometheus everything that can be counted', () => {
    const values = [...parseExposition(full)].flatMap(([name, { samples, help, type }]) => {
      expect([type, help]).toEqual(['gauge', expect.stringMatching(/^[A-Z].*\.$/)]);
      return samples.map(({ labels: { database, ...labels }, value }) => {
        expect(database).toBe(name === 'lifeboat_build_info' ? undefined : 'shop');
        return [name.replace('lifeboat_', ''), ...Object.values(labels), value].join(' ');
      });
    });
    expect(values).toEqual([
      'build_info 1.2.3 1',
      'condition good 0',
      'condition attention 0',
      'condition late 0',
      'condition missing 0',
      'condition failing 1',
      'backup_fresh 1',
      `backup_last_success_timestamp_seconds ${NIGHT.getTime() / 1000}`,
      'backup_age_seconds 32400',
      'backup_size_bytes 104857600',
      'backup_stored_bytes 1204882',
      'backup_duration_seconds 9',
      'backups 37',
      `stored_bytes ${37 * 1_204_882}`,
      'recent_runs_failed backup 1',
      'recent_runs_failed restore-test 0',
      `last_failure_timestamp_seconds ${Date.parse('2026-11-24T11:00:00.500Z') / 1000}`,
      'restore_test_success 1',
      `restore_test_timestamp_seconds ${NIGHT.getTime() / 1000}`,
      'restore_test_duration_seconds 4.1',
      `next_backup_timestamp_seconds ${Date.parse('2026-11-25T03:00:00Z') / 1000}`,
    ]);
  });

  test('leave out what is not known, and are whole without any database', () => {
    const names = [
      ...parseExposition(renderMetrics(documentOf(statusOf('new', undefined)), '1')).keys(),
    ];
    expect(names.map((name) => name.replace('lifeboat_', ''))).toEqual([
      'build_info',
      'condition',
      'backup_fresh',
      'backups',
      'stored_bytes',
      'recent_runs_failed',
    ]);
    expect([...parseExposition(renderMetrics(documentOf(), '1')).keys()]).toEqual([
      'lifeboat_build_info',
    ]);
  });

  test.each(['<script>', 'a"b', 'back\\slash', 'line\nbreak', 'ends with \\', 'ção 🛟', '}'])(
    'escape a database called %j',
    (name) => {
      const families = parseExposition(
        renderMetrics(documentOf({ ...statusOf('shop', nightly('shop', NIGHT)), name }), '1'),
      );
      expect(
        new Set(
          families.get('lifeboat_condition')?.samples.map(({ labels }) => labels['database']),
        ),
      ).toEqual(new Set([name]));
    },
  );

  test('have no sample for a time that is none, and none below zero', () => {
    const shop = statusOf('shop', nightly('shop', NIGHT));
    const odd = {
      ...shop,
      nextBackup: 'soon',
      lastBackup: shop.lastBackup && { ...shop.lastBackup, takenAt: '2026-11-24T13:00:00.000Z' },
    };
    const families = parseExposition(renderMetrics(documentOf(odd), '1'));
    expect(families.has('lifeboat_next_backup_timestamp_seconds')).toBe(false);
    expect(families.get('lifeboat_backup_age_seconds')?.samples[0]?.value).toBe(0);
  });

  test('are those of the page on the functions', () => {
    const page = readFileSync(
      join(import.meta.dirname, '..', '..', 'docs', 'functions.md'),
      'utf8',
    );
    const documented = [...page.matchAll(/^\| `(lifeboat_[a-z_]+)` \| ([^|]*) \| [^|]* \|$/gm)];
    const rows = documented.map(
      ([, name = '', labels = '']) => `${name} ${labels.replaceAll(/[`,]/g, '').trim()}`,
    );
    const told = [...parseExposition(full)].map(
      ([name, { samples }]) => `${name} ${Object.keys(samples[0]?.labels ?? {}).join(' ')}`,
    );
    expect(rows).toEqual(told);
  });
});
