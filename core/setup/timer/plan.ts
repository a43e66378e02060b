import type { Config } from '../../config/load.ts';
import type { TimerJob } from './jobs.ts';

/** `system` and `user` are systemd's. */
export type TimerKind = 'system' | 'user' | 'cron' | 'launchd';

/** Everything that the texts of units, crontab lines and agents are made of. */
export type TimerPlan = {
  readonly kind: TimerKind;
  /** The start of every name, so that several configurations can share a machine. */
  readonly prefix: string;
  readonly config: Config;
  /** The absolute path of lifeboat.yaml. */
  readonly configPath: string;
  /** The store, if it is not the configured one. */
  readonly store: string | undefined;
  /** The absolute paths of Node and of Lifeboat's main file. */
  readonly program: { readonly node: string; readonly main: string };
  /** The file with the secrets. */
  readonly environmentFile: string;
  readonly home: string;
  /** The user of system units. */
  readonly runAs: string;
  /** The unit that systemd starts when a run fails; undefined: the watch, if there is one. */
  readonly onFailure: string | undefined;
  readonly jobs: readonly TimerJob[];
  readonly now: Date;
};

/** A file to write: a unit, or an agent of launchd. */
export type TimerFile = { readonly name: string; readonly text: string };

/** The first words of each file of ours; the rest of the line is the configuration it serves. */
export const MARK = 'Written by `lifeboat install-timer` for ';

/** The words of one call of Lifeboat. */
export function timedCommand(
  { program, configPath, store }: TimerPlan,
  { args }: Pick<TimerJob, 'args'>,
): string[] {
  const storeFlags = store === undefined ? [] : ['--store', store];
  return [program.node, program.main, ...args, '--config', configPath, ...storeFlags];
}

/** The folders of this machine that runs write to. */
export function writtenFolders({ config, store }: TimerPlan): string[] {
  return [store ?? config.store, ...config.copies].filter((place) => !place.startsWith('gs://'));
}
