/**
 * Whether this runs on Cloud Run, as a function or as a job: its folders are lost when it ends.
 * https://cloud.google.com/run/docs/container-contract#env-vars
 */
export function isCloudRun(env: Readonly<Record<string, string | undefined>>): boolean {
  return env['K_SERVICE'] !== undefined || env['CLOUD_RUN_JOB'] !== undefined;
}
