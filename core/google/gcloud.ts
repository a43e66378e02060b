import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LifeboatError } from '../lib/errors.ts';
import { MINUTE_MS } from '../lib/text/time.ts';

const GCLOUD_TIMEOUT_MS = MINUTE_MS;
const ID_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Runs `gcloud` with these arguments; rejects with what it printed on standard error. */
export type Gcloud = (args: readonly string[]) => Promise<string>;

const runGcloud: Gcloud = async (args) => {
  const { stdout } = await promisify(execFile)('gcloud', [...args], {
    timeout: GCLOUD_TIMEOUT_MS,
    encoding: 'utf8',
    windowsHide: true,
  });
  return stdout;
};

/**
 * ID tokens of the account logged in to `gcloud`. A person's token cannot name an audience: it is
 * for gcloud itself, which Cloud Run lets in. Throws `config_invalid`.
 */
export function createGcloudTokens(gcloud: Gcloud = runGcloud) {
  return async (audience: string): Promise<string> => {
    const print = ['auth', 'print-identity-token', '--quiet'];
    try {
      const token = await gcloud([...print, `--audiences=${audience}`]).catch((error: unknown) => {
        if (error instanceof Error && /service account/i.test(error.message)) return gcloud(print);
        throw error;
      });
      if (!ID_TOKEN.test(token.trim())) throw new Error('gcloud printed no token');
      return token.trim();
    } catch (error) {
      const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      const lines = error instanceof Error ? error.message.split('\n').filter(Boolean) : [];
      const complaint = (lines.find((line) => line.startsWith('ERROR:')) ?? lines.at(-1))?.replace(
        /^ERROR: *(\([\w.-]+\) *)?/,
        '',
      );
      throw new LifeboatError(
        'config_invalid',
        absent
          ? 'gcloud is not installed'
          : `gcloud printed no ID token${complaint ? `: ${complaint.slice(0, 300)}` : ''}`,
        `${absent ? 'Install the Google Cloud CLI, then log' : 'Log'} in with \`gcloud auth login\`.`,
      );
    }
  };
}
