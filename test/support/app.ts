import { join } from 'node:path';
import type { App } from '../../core/app/app.ts';
import { openApp, type OpenOptions } from '../../core/app/open.ts';
import { folder } from './files.ts';

export const BACKUP = { kind: 'auto', reason: 'manual' } as const;
export const RESTORE = { at: 'latest', force: false, salvage: false, dryRun: false } as const;

/** An app with a folder store in a temporary folder, which also holds its private folders. */
export async function testApp(
  options: Partial<OpenOptions> = {},
): Promise<App & { cwd: string; at: (name: string) => string }> {
  const cwd = options.cwd ?? folder();
  const app = await openApp({ cwd, env: { TMPDIR: cwd }, ...options });
  return { ...app, cwd, at: (name) => join(cwd, name) };
}
