import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApp, type OpenOptions } from '../../core/app/open.ts';
import type { Finding } from '../../core/documents/finding.ts';
import { startService } from '../fakes/http-service.ts';
import { sql, SMALL } from './databases.ts';
import { folder } from './files.ts';
import { startChannels } from './channels.ts';

type Line = { severity: string; message: string; event?: unknown; [field: string]: unknown };
/** Longer than a nightly schedule and its grace allow. */
const LATER = 27 * 3_600_000;

/** Databases with nightly backups, four channels and a service for pings, all belonging to one test. */
export async function watchWorld(names: readonly string[] = ['shop'], more = '', perDatabase = '') {
  const cwd = folder();
  for (const name of names) sql(join(cwd, `${name}.db`), SMALL);
  const channels = await startChannels();
  const pings = await startService(() => ({ status: 200 }));
  const databases = names
    .map((name) => `${name}: { source: ${name}.db, schedule: "0 3 * * *"${perDatabase} }`)
    .join(', ');
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { ${databases} }\nwatch: { schedule: "15 * * * *", ping: "${pings.url}/secret-of-the-switch" }\n${channels.yaml}${more}`,
  );
  const lines: Line[] = [];
  const open = (options: Partial<OpenOptions> = {}, env: OpenOptions['env'] = {}) =>
    openApp({
      cwd,
      env: { TMPDIR: cwd, ...channels.env, ...env },
      notify: true,
      log: (severity, message, fields) => void lines.push({ severity, message, ...fields }),
      ...options,
    });
  const later = { now: () => new Date(Date.now() + LATER) };
  return { cwd, lines, open, later, pings, ...channels };
}

/** The faults of a watch, one short line each. */
export function alarms({ findings }: { findings: readonly Finding[] }) {
  return findings
    .filter(({ level }) => level === 'fault')
    .map(({ database, check, about }) => `${database ?? '-'} ${check} ${about}`);
}
