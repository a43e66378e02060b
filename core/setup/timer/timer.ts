/**
 * Installs the timers that start scheduled backups, the restore test and the watch on a host, as
 * systemd units, lines of a crontab or agents of launchd. Running it again changes only what differs,
 * and removes timers of databases that are gone. Touches nothing that Lifeboat did not write. Imports
 * `config`, `schedule` and `lib`.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { neededSecrets } from '../../config/secrets.ts';
import type { Config } from '../../config/load.ts';
import type { RunCommand } from './command.ts';
import { foreignZones, servedConfig, withLines, withoutLines } from './crontab.ts';
import { changeFiles, filesOf, type FileChange } from './files.ts';
import { launchdAgents, MAX_INTERVALS, tooManyTimes } from './launchd.ts';
import { writtenFolders, type TimerFile, type TimerKind, type TimerPlan } from './plan.ts';
import { requireStartable, requireWritable } from './startable.ts';
import { systemdUnits } from './systemd.ts';

export type TimerDocument = {
  readonly kind: TimerKind;
  readonly files: readonly FileChange[];
  /** The file with the secrets. */
  readonly environment: string;
};

/** What finds the timers that are installed; their configuration may be gone. */
export type InstalledTimer = Pick<TimerPlan, 'kind' | 'prefix' | 'configPath' | 'environmentFile'>;

/** Where things are on this machine, and how its programs are run. */
export type TimerHost = {
  readonly run: RunCommand;
  /** The folder of units or agents. */
  readonly folder: string;
  readonly uid: number;
};

/** The files or lines that would be installed, without a change. Throws like `installTimer`. */
export function timerFiles(plan: TimerPlan): TimerFile[] {
  requirePossible(plan);
  if (plan.kind === 'cron') return [{ name: 'crontab', text: withLines('', plan) }];
  return plan.kind === 'launchd' ? launchdAgents(plan) : systemdUnits(plan);
}

/**
 * Installs or updates the timers. Throws `usage` when a schedule cannot be expressed, when the user
 * of the units cannot run them, or when a file of that name is not ours or serves another
 * configuration.
 */
export async function installTimer(plan: TimerPlan, host: TimerHost): Promise<TimerDocument> {
  const files = timerFiles(plan);
  await requireStartable(plan, host.run);
  await createFolders(plan, host);
  await requireWritable(plan, host.run);
  await createEnvironment(plan);
  if (plan.kind !== 'cron') await stopOld(plan, host, files);
  const changes =
    plan.kind === 'cron' ? await changeCrontab(plan, host) : await changeFiles(plan, host, files);
  if (plan.kind === 'launchd') await loadAgents(host, changes);
  if (plan.kind === 'system' || plan.kind === 'user') await enableUnits(plan, host, changes);
  return { kind: plan.kind, files: changes, environment: plan.environmentFile };
}

/** Removes our timers; the file with the secrets stays. Throws `not_found` when there are none. */
export async function removeTimer(plan: InstalledTimer, host: TimerHost): Promise<TimerDocument> {
  const environment = plan.environmentFile;
  if (plan.kind === 'cron') {
    const crontab = await readCrontab(host);
    if (servedConfig(crontab, plan) === undefined) throw nothingInstalled(plan, 'the crontab');
    await host.run('crontab', ['-'], withoutLines(crontab, plan));
    return { kind: plan.kind, files: [{ path: 'crontab', change: 'removed' }], environment };
  }
  const installed = await filesOf(plan, host.folder);
  if (installed.length === 0) throw nothingInstalled(plan, host.folder);
  await stopOld(plan, host, []);
  const files = await changeFiles(plan, host, []);
  if (plan.kind !== 'launchd') await systemctl(plan, host, ['daemon-reload']);
  return { kind: plan.kind, files, environment };
}

function requirePossible(plan: TimerPlan): void {
  if (plan.jobs.length === 0)
    throw new LifeboatError(
      'usage',
      `${plan.configPath} has no schedule`,
      'Add `schedule: "0 3 * * *"` to a database.',
    );
  if (plan.kind !== 'cron' && plan.kind !== 'launchd') return;
  const program = plan.kind === 'cron' ? 'cron' : 'launchd';
  const foreign = foreignZones(plan);
  if (foreign.length > 0)
    throw new LifeboatError(
      'usage',
      `${program} knows only the time zone of this machine, and these have another: ${foreign.join(', ')}`,
      'Set `timeZone` in lifeboat.yaml to the zone of this machine, or use systemd or `lifeboat serve`.',
    );
  const [frequent] = plan.kind === 'launchd' ? tooManyTimes(plan) : [];
  if (frequent !== undefined)
    throw new LifeboatError(
      'usage',
      `the schedule of ${frequent} has more than ${MAX_INTERVALS} times, which launchd cannot express`,
      'Choose a simpler schedule, or run `lifeboat serve`.',
    );
}

function nothingInstalled({ prefix, configPath }: InstalledTimer, place: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `${place} has no timers of ${configPath}`,
    prefix === 'lifeboat' ? 'If they have another name, add --name.' : 'Check the name in --name.',
  );
}

async function changeCrontab(plan: TimerPlan, host: TimerHost): Promise<FileChange[]> {
  const crontab = await readCrontab(host);
  const served = servedConfig(crontab, plan);
  if (served !== undefined && served !== plan.configPath)
    throw new LifeboatError(
      'usage',
      `the crontab has lines for ${served}`,
      'Give these another name with --name, or remove those with --remove.',
    );
  const text = withLines(crontab, plan);
  if (text === crontab) return [{ path: 'crontab', change: 'unchanged' }];
  await host.run('crontab', ['-'], text);
  return [{ path: 'crontab', change: served === undefined ? 'created' : 'changed' }];
}

/** cron exits with 1 when the user has no crontab. */
async function readCrontab({ run }: TimerHost): Promise<string> {
  return run('crontab', ['-l']).catch((error: unknown) => {
    if (error instanceof LifeboatError && /no crontab for/.test(error.message)) return '';
    throw error;
  });
}

/** A unit with a read-only file system cannot create its store, or start without it. */
async function createFolders(plan: TimerPlan, host: TimerHost): Promise<void> {
  for (const folder of writtenFolders(plan)) {
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (cause) {
      if (systemCode(cause) === 'EEXIST') continue;
      throw new LifeboatError(
        'usage',
        `the store ${folder} cannot be created (${systemCode(cause) ?? String(cause)})`,
        'Create the folder for the user that runs the backups, then run the command again.',
        { cause },
      );
    }
    if (plan.kind === 'system' && plan.runAs !== 'root')
      await host.run('chown', [`${plan.runAs}:`, folder]);
  }
}

/** A file for the secrets with their names, for the owner only. An existing one stays as it is. */
async function createEnvironment({ environmentFile, config }: TimerPlan): Promise<void> {
  const lines = neededSecrets(config, () => false).map(({ name, by }) => `# ${by}\n#${name}='…'\n`);
  const text = `# Secrets of Lifeboat's timers: one NAME='value' per line.\n${lines.join('')}${identityLines(config)}`;
  await mkdir(dirname(environmentFile), { recursive: true, mode: 0o700 });
  try {
    await writeFile(environmentFile, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    // The file holds secrets, so its mode is corrected even if somebody else wrote it.
    await chmod(environmentFile, 0o600);
  }
}

/** Restore tests are the only timers that decrypt; they may also run on another machine. */
function identityLines({ databases, restoreTest }: Config): string {
  const encrypted = Object.values(databases).filter(({ recipients }) => recipients.length > 0);
  if (encrypted.length === 0 || restoreTest.schedule === false) return '';
  const names = encrypted.map(({ name }) => name).join(', ');
  return `# restore tests of ${names}; whoever reads this file can then decrypt their backups\n#LIFEBOAT_IDENTITY='…'\n`;
}

async function enableUnits(
  plan: TimerPlan,
  host: TimerHost,
  changes: readonly FileChange[],
): Promise<void> {
  await systemctl(plan, host, ['daemon-reload']);
  const timers = changes
    .filter(({ path, change }) => change !== 'removed' && path.endsWith('.timer'))
    .map(({ path }) => path.slice(host.folder.length + 1));
  await systemctl(plan, host, ['enable', ...timers]);
  // A running timer takes a new schedule only when it starts again.
  await systemctl(plan, host, ['restart', ...timers]);
}

/** Stops the timers that will not be there any more, while their files still are. */
async function stopOld(
  plan: InstalledTimer,
  host: TimerHost,
  files: readonly TimerFile[],
): Promise<void> {
  const names = new Set(files.map(({ name }) => name));
  const old = (await filesOf(plan, host.folder)).filter((name) => !names.has(name));
  if (plan.kind === 'launchd') return unloadAgents(host, old);
  const timers = old.filter((name) => name.endsWith('.timer'));
  if (timers.length > 0) await systemctl(plan, host, ['disable', '--now', ...timers]);
}

function systemctl(
  { kind }: InstalledTimer,
  { run }: TimerHost,
  args: readonly string[],
): Promise<string> {
  return run('systemctl', kind === 'user' ? ['--user', ...args] : args);
}

async function loadAgents({ run, uid }: TimerHost, changes: readonly FileChange[]): Promise<void> {
  for (const { path, change } of changes) {
    if (change === 'removed') continue;
    // The file may be the same because an earlier call wrote it and could not load it.
    const label = basename(path, '.plist');
    const isLoaded = (): Promise<boolean> =>
      run('launchctl', ['print', `gui/${uid}/${label}`]).then(
        () => true,
        () => false,
      );
    if (change === 'unchanged' && (await isLoaded())) continue;
    await run('launchctl', ['bootout', `gui/${uid}`, path]).catch(() => '');
    await run('launchctl', ['bootstrap', `gui/${uid}`, path]);
  }
}

async function unloadAgents(
  { run, uid, folder }: TimerHost,
  names: readonly string[],
): Promise<void> {
  for (const name of names)
    await run('launchctl', ['bootout', `gui/${uid}`, join(folder, name)]).catch(() => '');
}
