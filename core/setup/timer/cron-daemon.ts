import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DAEMONS = new Set(['cron', 'crond', 'fcron', 'bcron-sched']);

/**
 * Whether a process of this machine reads crontabs; minimal servers and containers have none. True
 * where processes are not listed in `folder`, such as on macOS, which starts cron when needed.
 */
export function hasCronDaemon(folder = '/proc'): boolean {
  const processes = namesIn(folder).filter((name) => /^\d+$/.test(name));
  return processes.length === 0 || processes.some((id) => DAEMONS.has(programOf(join(folder, id))));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended meanwhile. */
function programOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'comm'), 'utf8').trim();
  } catch {
    return '';
  }
}
