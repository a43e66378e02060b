import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DAEMONS = new Set(['cron', 'crond', 'fcron', 'bcron-sched']);

/**
 * Whether a process of this machine reads crontabs; minimal servers and containers have none. True
 * where processes are not listed in `folder`, such as on macOS, which starts cron when needed.
 */
export function hasCronDaemon(folder = '/proc'): boolean {
  const ids = listProcesses(folder);
  return ids.length === 0 || ids.some((id) => DAEMONS.has(processName(join(folder, id))));
}

function listProcesses(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Empty for a process that has ended meanwhile. */
function processName(folder: string): string {
  try {
    return readFileSync(join(folder, 'comm'), 'utf8').trim();
  } catch {
    return '';
  }
}
