import type { App } from '../../core/app/app.ts';
import { openApp } from '../../core/app/open.ts';
import { freshness } from '../../core/schedule/freshness.ts';
import { jobsOf, pushOf, startSchedules, type LocalJob } from './schedules.ts';
import { startFunctions, type Listen } from './server.ts';
import { startTopics } from './topics.ts';

export type SystemOptions = {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The path of lifeboat.yaml. */
  readonly config: string;
  readonly store: string | undefined;
  readonly listen: Listen;
  readonly signal: AbortSignal;
  /** Gets each line of the functions' log. */
  readonly onLine: (line: string) => void;
  /** Called when requests are answered, before the schedules start. */
  readonly onReady: (url: string, app: App) => Promise<void>;
  readonly onStop: () => void;
};

/**
 * Runs functions, topics and schedules on this machine until the signal aborts; then running
 * backups may end.
 */
export async function runSystem(options: SystemOptions): Promise<void> {
  const { cwd, env, config, listen, signal, onLine, onReady, onStop } = options;
  // A slim installation lacks it, which the process of the functions could only log.
  import.meta.resolve('@google-cloud/functions-framework');
  const stop = new AbortController();
  const topics = await startTopics(
    { url: () => functions.url(), token: listen.token },
    (severity, message) => onLine(JSON.stringify({ severity, message })),
    stop.signal,
  );
  const systemEnv = {
    ...env,
    LIFEBOAT_CONFIG: config,
    LIFEBOAT_PUSH_URL: topics.url,
    LIFEBOAT_STORE: options.store ?? env['LIFEBOAT_STORE'],
  };
  const functions = startFunctions(listen, systemEnv, onLine);
  let schedules: { stop(): void } | undefined;
  try {
    const app = await openApp({ cwd, env: systemEnv });
    const url = await functions.ready;
    if (!signal.aborted) await onReady(url, app);
    const jobs = jobsOf(app.config);
    const fire = ({ topic, data }: LocalJob) => topics.publish(topic, pushOf(data, new Date()));
    for (const job of await missedJobs(app, jobs, new Date())) fire(job);
    schedules = startSchedules(jobs, fire, () => new Date());
    await untilAborted(signal);
    onStop();
  } finally {
    schedules?.stop();
    stop.abort();
    topics.close();
    await functions.stop();
  }
}

/** Backups that were due while nothing ran. */
async function missedJobs(app: App, jobs: readonly LocalJob[], now: Date): Promise<LocalJob[]> {
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

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
