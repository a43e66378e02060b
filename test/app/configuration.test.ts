import { describe, expect, test } from 'vitest';
import { createCurrentApp } from '../../core/app/current.ts';
import { openApp } from '../../core/app/open.ts';
import type { Log } from '../../core/lib/log/log.ts';
import { plan } from '../fakes/gcs-server/faults.ts';
import { goodSettings } from '../support/bucket-settings.ts';
import { folder } from '../support/files.ts';
import { gcsServer, gcsStore } from '../support/gcs.ts';

const CONFIG = 'gs://acme-source/lifeboat.yaml';
const yaml = (...names: string[]): string =>
  `store: gs://acme-backups\ndatabases:\n${names
    .map((name) => `  ${name}: { source: "gs://files/${name}.db" }\n`)
    .join('')}`;

/** A bucket with this lifeboat.yaml, and the app of a function that reads it there. */
async function world(text: string | undefined) {
  const server = await gcsServer({ buckets: { 'acme-source': goodSettings() } });
  const bucket = gcsStore(server.url, { bucket: 'acme-source', tuning: {} });
  const bytes = (content: string) => Buffer.from(content);
  if (text !== undefined) await bucket.create('lifeboat.yaml', bytes(text));
  const lines: string[] = [];
  const log: Log = (severity, message) => void lines.push(`${severity} ${message}`);
  const options = {
    cwd: folder(),
    env: { K_SERVICE: 'f', LIFEBOAT_CONFIG: CONFIG, LIFEBOAT_GCS_ENDPOINT: server.url },
    log,
    patienceMs: 60_000,
  };
  const current = createCurrentApp(options);
  return {
    server,
    options,
    lines,
    /** From now on the bucket answers every request with this status. */
    refuse: (status: number) => {
      options.patienceMs = 100;
      server.faults = plan([{ fault: { type: 'status', status }, times: null }]);
    },
    recover: () => {
      options.patienceMs = 60_000;
      server.faults = undefined;
    },
    names: async () => Object.keys((await current()).config.databases),
    write: async (content: string) => {
      const { generation } = (await bucket.stat('lifeboat.yaml')) ?? {};
      await bucket.replace('lifeboat.yaml', bytes(content), generation);
    },
  };
}

describe('a configuration in a bucket', () => {
  test('is read by everything that opens the app', async () => {
    const { options } = await world(yaml('shop'));
    expect(Object.keys((await openApp(options)).config.databases)).toEqual(['shop']);
  });

  test('reaches a running instance with the next request', async () => {
    const { names, write, lines } = await world(yaml('shop'));
    expect(await names()).toEqual(['shop']);
    await write(yaml('shop', 'wiki'));
    expect(await names()).toEqual(['shop', 'wiki']);
    expect(lines).toEqual([
      expect.stringMatching(/^INFO reading version \d+ of lifeboat\.yaml from now on$/),
    ]);
  });

  test('is not downloaded again while it is the same', async () => {
    const { names, server } = await world(yaml('shop'));
    await names();
    server.reset();
    await names();
    expect(server.calls.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['get lifeboat.yaml']);
  });

  test('stays in use when a new version is invalid, which is an error', async () => {
    const { names, write, lines } = await world(yaml('shop'));
    await names();
    await write('databases: [');
    expect(await names()).toEqual(['shop']);
    expect(lines).toEqual([
      expect.stringMatching(
        /^ERROR using the last valid lifeboat\.yaml: the configuration is not valid YAML/,
      ),
    ]);
    await write(yaml('wiki'));
    expect(await names()).toEqual(['wiki']);
  });

  test.each([
    [403, 'ERROR'],
    [503, 'WARNING'],
  ])('stays in use when the bucket answers %d, which is logged as %s', async (status, severity) => {
    const { names, lines, refuse } = await world(yaml('shop'));
    await names();
    refuse(status);
    expect(await names()).toEqual(['shop']);
    expect(lines).toEqual([
      expect.stringContaining(`${severity} using the last valid lifeboat.yaml`),
    ]);
  });

  test.each([
    ['is missing', undefined, 200, 'config_invalid', `there is no ${CONFIG}`],
    ['is refused', yaml('shop'), 403, 'config_invalid', `the configuration ${CONFIG} cannot be`],
    ['is out of reach', yaml('shop'), 503, 'store_unreachable', ''],
    ['is too large', '#'.repeat(1_048_577), 200, 'config_invalid', 'larger than 1 MiB'],
  ])(
    'that %s ends a first request, and not the next one',
    async (_title, text, status, code, message) => {
      const { names, refuse, recover, write } = await world(text);
      if (status !== 200) refuse(status);
      await expect(names()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
      recover();
      await write(yaml('shop'));
      expect(await names()).toEqual(['shop']);
    },
  );

  test('must be an object', async () => {
    const { options } = await world(yaml('shop'));
    await expect(openApp({ ...options, configPath: 'gs://acme-source' })).rejects.toThrow(
      'gs://acme-source is not the address of a configuration in a bucket',
    );
  });
});
