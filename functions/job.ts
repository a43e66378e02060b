import { openApp } from '../core/app/open.ts';
import { createCloudLog } from './cloud-log.ts';
import { runJob } from './run-job.ts';

// A task of a Cloud Run job: `node job.js backup shop`. The image is that of the function `backup`.
const { argv, env } = process;
const limitSeconds = Number(env['LIFEBOAT_DEADLINE_SECONDS'] ?? 0);
const { log, redaction } = createCloudLog({
  env,
  write: (line) => void process.stdout.write(line),
  trace: () => undefined,
});
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());

const status = await runJob(
  {
    open: () =>
      openApp({ cwd: process.cwd(), env, log, redaction, configuredOnly: true, notify: true }),
    log,
    env,
    deadlineMs: limitSeconds > 0 ? limitSeconds * 1000 : undefined,
    signal: controller.signal,
  },
  argv.slice(2),
);
// A connection that is still open must not keep the job running, and billed.
process.exit(status);
