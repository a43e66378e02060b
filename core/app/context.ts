import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { createCatalog } from '../catalog/catalog.ts';
import type { Config } from '../config/load.ts';
import { channelNames } from '../config/notify.ts';
import { ENVIRONMENT_SECRETS } from '../config/secrets.ts';
import type { Context } from '../context.ts';
import { parseKeys } from '../format/keys.ts';
import { withoutSecrets } from '../lib/processes/command.ts';
import type { Log } from '../lib/log/log.ts';
import type { Hide } from '../lib/log/redaction.ts';
import { parsePlaceLimits } from '../space/place.ts';
import { createSpaceProbe } from '../space/probe.ts';
import { redactedStore } from '../store/redacted.ts';
import {
  openNotifier,
  openPublisher,
  openSchedules,
  openSource,
  openStore,
  type Environment,
} from './adapters.ts';
import { redactedNotifier } from './redacted-app.ts';

/** `if-configured`: nobody asked for alerts, so it is no problem that there is no channel. */
export type Notify = boolean | 'if-configured';

export type ContextOptions = {
  readonly env: Environment;
  readonly log: Log;
  readonly hide: Hide;
  readonly version: string;
  /** Whether failures and recoveries are sent to the configured channels. */
  readonly notify: Notify;
  readonly overrides: Partial<Context>;
};

/** What every operation works with, from configuration and environment. */
export async function createContext(
  config: Config,
  { env, log, hide, version, notify, overrides }: ContextOptions,
): Promise<Context> {
  const store = redactedStore(overrides.store ?? (await openStore(config.store, env)), hide);
  const keys = parseKeys(env['LIFEBOAT_IDENTITY'], env['LIFEBOAT_KEY']);
  const now = overrides.now ?? (() => new Date());
  const notifier =
    overrides.notifier ??
    (isNotifying(notify, config) ? await openNotifier(config, env, log, now) : undefined);
  const copies = await Promise.all(config.copies.map((url) => openStore(url, env)));
  return {
    copies: copies.map((copy) => ({ store: copy, catalog: createCatalog(copy, keys, now) })),
    keys,
    openSource: (database) => openSource(database, env, now),
    publisher: openPublisher(env, now),
    configured: Object.keys(config.databases),
    repeatMs: config.notify.repeatMs,
    project: env['GOOGLE_CLOUD_PROJECT'],
    publicUrl: config.publicUrl,
    schedules: openSchedules(env),
    places: parsePlaceLimits(env['LIFEBOAT_PLACES']),
    now,
    log,
    hide,
    catalog: createCatalog(store, keys, now),
    random: randomBytes,
    space: createSpaceProbe(env, config.space.reserve),
    commandEnv: withoutSecrets(env, ENVIRONMENT_SECRETS),
    temporary: env['TMPDIR'] ?? tmpdir(),
    tool: `lifeboat ${version}`,
    ...overrides,
    store,
    notifier: notifier && redactedNotifier(notifier, hide),
  };
}

function isNotifying(notify: Notify, config: Config): boolean {
  return notify === 'if-configured' ? channelNames(config.notify).length > 0 : notify;
}
