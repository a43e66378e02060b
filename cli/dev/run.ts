import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { App } from '../../core/app/app.ts';
import { openApp } from '../../core/app/open.ts';
import { freshness } from '../../core/schedule/freshness.ts';
import { startSample, type Sample } from '../../demo/sample.ts';
import { jobsOf, pushOf, startSchedules, type DevJob } from './schedules.ts';
import { startFunctions } from './server.ts';
import { startTopics } from './topics.ts';
import { showTour } from './tour.ts';

export type DevOptions = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: string | undefined;
  readonly store: string | undefined;
  readonly port: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  /** Gets each line of the functions' log. */
  readonly onLine: (line: string) => void;
};

/**
 * Runs functions, topics and schedules on this machine until the signal aborts; then running
 * backups may end. Creates a sample shop when there is no configuration.
 */
export async function runDev(options: DevOptions): Promise<void> {
  const { cwd, env, port, signal, say, onLine } = options;
  const configPath = options.config ?? env['LIFEBOAT_CONFIG'];
  const sample = await createSample(configPath, cwd, say);
  const config = sample?.config ?? resolve(cwd, configPath ?? 'lifeboat.yaml');
  const stop = new AbortController();
  const topics = await startTopics(
    () => functions.url(),
    (severity, message) => onLine(JSON.stringify({ severity, message })),
    stop.signal,
  );
  const devEnv = {
    ...env,
    LIFEBOAT_CONFIG: config,
    LIFEBOAT_PUSH_URL: topics.url,
    LIFEBOAT_STORE: options.store ?? env['LIFEBOAT_STORE'],
  };
  const functions = startFunctions(port, devEnv, onLine);
  let schedules: { stop(): void } | undefined;
  try {
    const app = await openApp({ cwd, env: devEnv });
    const url = await functions.ready;
    if (sample && !signal.aborted) await showTour(url, app, sample, say);
    const jobs = jobsOf(app.config);
    const fire = ({ topic, data }: DevJob) => topics.publish(topic, pushOf(data, new Date()));
    for (const job of await missedJobs(app, jobs, new Date())) fire(job);
    schedules = startSchedules(jobs, fire, () => new Date());
    say(startText(url, Object.keys(app.config.databases), config));
    await untilAborted(signal);
    say('Stopping. Running backups have a few seconds to finish …\n');
  } finally {
    schedules?.stop();
    stop.abort();
    topics.close();
    await functions.stop();
    await sample?.stop();
  }
  if (sample) say(`The sample shop is in ${sample.folder}; you can delete it.\n`);
}

async function createSample(
  configPath: string | undefined,
  cwd: string,
  say: (text: string) => void,
): Promise<Sample | undefined> {
  if (configPath !== undefined || existsSync(resolve(cwd, 'lifeboat.yaml'))) return undefined;
  say(
    'There is no lifeboat.yaml here, so this creates a sample shop and keeps placing orders in it.\n',
  );
  return startSample(cwd);
}

/** Backups that were due while nothing ran. */
async function missedJobs(app: App, jobs: readonly DevJob[], now: Date): Promise<DevJob[]> {
  const { databases } = await app.status();
  return jobs.filter(({ topic, data, schedule, timeZone }) => {
    if (topic !== 'backup') return false;
    const lastBackup = databases.find(({ name }) => name === data.database)?.lastBackup;
    return !freshness(
      { schedule, timeZone, graceMs: 0 },
      lastBackup ? new Date(lastBackup.takenAt) : undefined,
      now,
    ).fresh;
  });
}

function startText(url: string, names: readonly string[], config: string): string {
  const name = names[0] ?? 'shop';
  return `
Lifeboat is running, on this machine only. Press Ctrl-C to stop.
  status page          ${url}/status
  back up now          curl --json '{"database": "${name}"}' ${url}/backup-now
  with progress        curl -N --json '{"database": "${name}"}' -H 'accept: application/x-ndjson' ${url}/backup-now
  from another shell   npx lifeboat --config ${config} list
                       npx lifeboat --config ${config} verify ${name} --read-data
`;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
