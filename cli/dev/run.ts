import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { openApp } from '../../core/app/open.ts';
import { freshness } from '../../core/schedule/freshness.ts';
import { startSample, type Sample } from '../../demo/sample.ts';
import { jobsOf, pushOf, startSchedules, type Job } from './schedules.ts';
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
  /** A line of the functions' log. */
  readonly onLine: (line: string) => void;
};

/**
 * The whole system on one machine: functions, topics and schedules, until the signal. Without a
 * configuration a sample shop is made.
 */
export async function runDev(options: DevOptions): Promise<void> {
  const { cwd, env, port, signal, say, onLine } = options;
  const named = options.config ?? env['LIFEBOAT_CONFIG'];
  let sample: Sample | undefined;
  if (named === undefined && !existsSync(resolve(cwd, 'lifeboat.yaml'))) {
    say(
      'There is no lifeboat.yaml here, so this creates a sample shop and keeps placing orders in it.\n',
    );
    sample = await startSample(cwd);
  }
  const config = sample?.config ?? resolve(cwd, named ?? 'lifeboat.yaml');
  const stop = new AbortController();
  const topics = await startTopics(
    () => functions.url(),
    (severity, message) => onLine(JSON.stringify({ severity, message })),
    stop.signal,
  );
  const given = {
    LIFEBOAT_CONFIG: config,
    LIFEBOAT_PUSH_URL: topics.url,
    ...(options.store === undefined ? {} : { LIFEBOAT_STORE: options.store }),
  };
  const functions = startFunctions(port, { ...env, ...given }, onLine);
  let schedules: { stop(): void } | undefined;
  try {
    const app = await openApp({ cwd, env: { ...env, ...given } });
    const url = await functions.ready;
    if (sample && !signal.aborted) await showTour(url, app, sample, say);
    const jobs = jobsOf(app.config);
    const fire = ({ topic, data }: Job) => topics.publish(topic, pushOf(data, new Date()));
    for (const job of await missed(app, jobs, new Date())) fire(job);
    schedules = startSchedules(jobs, fire, () => new Date());
    say(invitation(url, Object.keys(app.config.databases), config));
    await untilAborted(signal);
    say('Stopping …\n');
  } finally {
    schedules?.stop();
    stop.abort();
    topics.close();
    await functions.stop();
    await sample?.stop();
  }
  if (sample) say(`The sample shop is in ${sample.folder}; you can delete it.\n`);
}

/** What was missed while nothing ran is made up for at once. */
async function missed(
  app: Awaited<ReturnType<typeof openApp>>,
  jobs: readonly Job[],
  now: Date,
): Promise<Job[]> {
  const { databases } = await app.status();
  return jobs.filter(({ topic, data, schedule, timeZone }) => {
    if (topic !== 'backup') return false;
    const last = databases.find(
      ({ name }) => name === (data as { database: string }).database,
    )?.lastBackup;
    return !freshness(
      { schedule, timeZone, graceMs: 0 },
      last ? new Date(last.takenAt) : undefined,
      now,
    ).fresh;
  });
}

function invitation(url: string, names: readonly string[], config: string): string {
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
