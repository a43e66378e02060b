/**
 * The doctor checks the configuration, credentials, stores, sources, schedules and mail before a
 * backup depends on them, and explains how to fix what is wrong. It opens its own adapters, because
 * it also runs where the configuration is unusable; it may import everything below `setup`.
 */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import {
  checkMailer,
  openSchedules,
  openSource,
  openStore,
  type Environment,
} from '../../app/adapters.ts';
import { readConfiguration } from '../../app/configuration.ts';
import { isCloudRun } from '../../config/cloud-run.ts';
import type { Config, DatabaseConfig } from '../../config/load.ts';
import { configuredSecrets, environmentSecrets } from '../../config/secrets.ts';
import { createRedaction, hideInTexts } from '../../lib/log/redaction.ts';
import { checkCommands } from './commands.ts';
import { checkEncryption } from './encryption.ts';
import {
  runExamination,
  faultOf,
  ok,
  warning,
  type DoctorFinding,
  type DoctorExamination,
} from './finding.ts';
import { checkFolder, checkRuntime, checkTemporary } from './machine.ts';
import { checkDeployment, checkSchedules, checkStarted } from './schedules.ts';
import { checkSecrets, readKeys } from './secrets.ts';
import { checkSource } from './source.ts';
import { checkCopy, checkStore } from './store.ts';
import { checkTimes } from './times.ts';
import { createSpaceProbe } from '../../space/probe.ts';
import { counted } from '../../watch/finding.ts';
import { isPrunable, type Store } from '../../store/store.ts';

export type DoctorOptions = {
  readonly configPath?: string | undefined;
  readonly store?: string | undefined;
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly now?: () => Date;
  /** How long one check may take, ms. */
  readonly limitMs?: number;
};

const LIMIT_MS = 40_000;
/** Domains that never exist (RFC 2606), at the end of a sender. */
const RESERVED =
  /@((?:[^>]*\.)?(?:example\.(?:com|net|org)|[^>]*\.(?:example|invalid|test|localhost)))>?$/i;

/**
 * Runs all checks, even when some find faults. Writes one small object that expires into each
 * store, and nothing else. Throws only `interrupted`.
 */
export async function doctor(options: DoctorOptions): Promise<{ findings: DoctorFinding[] }> {
  const { env, signal } = options;
  const { config, findings } = await configurationOf(options);
  const temporary = env['TMPDIR'] ?? tmpdir();
  const checks: DoctorExamination[] = config
    ? examinations(config, options)
    : [
        {
          check: 'machine',
          about: temporary,
          limitMs: LIMIT_MS,
          work: () => checkTemporary(temporary, createSpaceProbe(env, { share: 0 }), undefined),
        },
      ];
  const examined = await Promise.all(checks.map((each) => runExamination(each, signal)));
  const { hide } = createRedaction([
    ...environmentSecrets(env),
    ...(config ? configuredSecrets(config) : []),
  ]);
  return {
    findings: hideInTexts([...findings, ...examined.flat(), ...checkRuntime()], hide),
  };
}

async function configurationOf({
  configPath,
  store,
  cwd,
  env,
}: DoctorOptions): Promise<{ config?: Config; findings: DoctorFinding[] }> {
  const storeUrl = store ?? env['LIFEBOAT_STORE'];
  const options = {
    ...(configPath === undefined ? {} : { configPath }),
    ...(storeUrl === undefined ? {} : { store: storeUrl }),
  };
  try {
    const { config } = await readConfiguration({
      ...options,
      cwd,
      env,
      inCloud: isCloudRun(env),
    });
    const names = Object.keys(config.databases);
    if (names.length === 0)
      return {
        config,
        findings: [
          warning('configuration', '', {
            detail: 'no database is configured',
            hint: 'Run `lifeboat init`, or add your databases to lifeboat.yaml.',
          }),
        ],
      };
    return {
      config,
      findings: [
        ok('configuration', '', `valid, ${counted(names.length, 'database')}: ${names.join(', ')}`),
      ],
    };
  } catch (error) {
    return { findings: [faultOf('configuration', '', error)] };
  }
}

function examinations(config: Config, options: DoctorOptions): DoctorExamination[] {
  const { env, now = () => new Date(), limitMs = LIMIT_MS } = options;
  const { keys, findings } = readKeys(env);
  const databases = Object.values(config.databases);
  const space = createSpaceProbe(env, config.space.reserve);
  const temporary = env['TMPDIR'] ?? tmpdir();
  const of = (
    check: DoctorFinding['check'],
    about: string,
    work: DoctorExamination['work'],
  ): DoctorExamination => ({ check, about, limitMs, work });
  // A client must give up before the check does.
  const open = (url: string) => openStore(url, env, { totalMs: limitMs / 4, idleMs: limitMs / 8 });
  const storeOf = (url: string, check = checkStore) =>
    of('store', url, async () => {
      const store = await open(url);
      return [
        ...(await check(store, { now, random: randomBytes })),
        // A store that cannot be listed has its finding already.
        ...(await checkTimes(store, Object.keys(config.databases), now()).catch(() => [])),
        ...(isPrunable(store) ? await checkFolder(store, space, config) : []),
      ];
    });
  const sourceOf = (database: DatabaseConfig) =>
    of('source', database.name, (signal) =>
      checkSource({
        database,
        openSource: () => openSource(database, env, now),
        temporary,
        signal,
      }),
    );
  return [
    of('secrets', '', async () => [...findings, ...checkSecrets(config, env)]),
    ...databases
      .filter(({ recipients }) => recipients.length > 0)
      .map((each) => of('encryption', each.name, () => checkEncryption(each, keys))),
    storeOf(config.store),
    ...config.copies.map((url) => storeOf(url, checkCopy)),
    ...databases.map(sourceOf),
    of('schedule', '', async () => checkSchedules(config, now())),
    scheduleStarts(config, options, () => open(config.store)),
    of('mail', config.notify.email?.from ?? '', (signal) => mailFindings(config, env, signal)),
    of('machine', 'commands', (signal) => checkCommands(config, { ...options, signal })),
    of('machine', temporary, () => checkTemporary(temporary, space, config)),
  ];
}

/** Whether something starts the runs of the schedules: Cloud Scheduler, or a timer of this host. */
function scheduleStarts(
  config: Config,
  { env, limitMs = LIMIT_MS }: DoctorOptions,
  store: () => Promise<Store>,
): DoctorExamination {
  const schedules = openSchedules(env);
  return {
    check: 'schedule',
    about: schedules ? 'Cloud Scheduler' : '',
    limitMs,
    work: async () =>
      schedules
        ? checkDeployment(config, schedules)
        : // A store that cannot be read has its finding already.
          checkStarted(config, await store()).catch(() => []),
  };
}

async function mailFindings(
  config: Config,
  env: Environment,
  signal: AbortSignal,
): Promise<DoctorFinding[]> {
  const { email } = config.notify;
  if (!email) return [];
  const login = await checkMailer(email, env, signal).then(
    (detail) => ok('mail', email.from, detail),
    (error: unknown) => faultOf('mail', email.from, error),
  );
  const domain = RESERVED.exec(email.from)?.[1];
  if (domain === undefined) return [login];
  const reserved = warning('mail', email.from, {
    detail: `${domain} is a reserved domain: put in your own sender`,
    hint: 'Set notify.email.from to an address that your mail service accepts.',
  });
  return [reserved, login];
}
