import { isCloudRun } from '../core/config/cloud-run.ts';
import { environmentSecrets } from '../core/config/secrets.ts';
import { createLog, redactedLog, type Log } from '../core/lib/log/log.ts';
import { createRedaction, type Redaction } from '../core/lib/log/redaction.ts';

type CloudLog = { readonly log: Log; readonly redaction: Redaction };
type CloudLogOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: (line: string) => void;
  /** `projects/P/traces/T` of the current request. */
  readonly trace: () => string | undefined;
};

/**
 * The log of a function or a Cloud Run job, under the name that the platform gives it. Outside of
 * Cloud Run (`lifeboat serve`), it has no fields of Google Cloud, and stacks only of faults in
 * Lifeboat.
 */
export function createCloudLog({ env, write, trace }: CloudLogOptions): CloudLog {
  const redaction = createRedaction(environmentSecrets(env));
  const log = createLog({
    write,
    ...(isCloudRun(env) ? { cloud: { ...serviceOf(env), trace } } : {}),
  });
  return { log: redactedLog(log, redaction.hide), redaction };
}

function serviceOf(env: CloudLogOptions['env']): { service: string; version: string } {
  return {
    service: env['K_SERVICE'] ?? env['CLOUD_RUN_JOB'] ?? 'lifeboat',
    version: env['K_REVISION'] ?? env['CLOUD_RUN_EXECUTION'] ?? '',
  };
}
