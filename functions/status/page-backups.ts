import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request } from '@google-cloud/functions-framework';
import type { App } from '../../core/app/app.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { isCrossSite } from '../cross-site.ts';
import { readForm } from '../request-body.ts';

/** The field of the form with the token. */
const TOKEN = 'token';

/** Backups that the status page starts, where one process serves everything. */
export type PageBackups = {
  /** What the form of a database must send. A page of another site cannot read it. */
  readonly tokenOf: (database: string) => string;
  /** Whether this process is backing up the database: from the page, a schedule or a request. */
  readonly isRunning: (database: string) => boolean;
  /** The app whose backups `isRunning` counts. */
  readonly counting: (app: App) => App;
};

/** The tokens are valid as long as this process lives. */
export function createPageBackups(): PageBackups {
  const key = randomBytes(32);
  const running = new Map<string, number>();
  const count = (name: string, by: 1 | -1): void => {
    const runs = (running.get(name) ?? 0) + by;
    if (runs === 0) running.delete(name);
    else running.set(name, runs);
  };
  return {
    tokenOf: (database) => createHmac('sha256', key).update(database).digest('base64url'),
    isRunning: (database) => running.has(database),
    counting: (app) => ({
      ...app,
      backup: async (name, options) => {
        count(name, 1);
        try {
          return await app.backup(name, options);
        } finally {
          count(name, -1);
        }
      },
    }),
  };
}

/** The database whose form is sent to this path; undefined for any other path. */
export function backupFormOf(url: string): string | undefined {
  const name = /^\/databases\/([A-Za-z0-9_-]{1,63})\/backup$/.exec(url.split('?')[0] ?? '');
  return name?.[1];
}

/** Throws `usage` unless the form was sent by the page of this database, from this process. */
export async function requireOwnForm(
  backups: PageBackups,
  database: string,
  request: Request,
  publicUrl: string | undefined,
): Promise<void> {
  if (isCrossSite(request.headers, publicUrl))
    throw new LifeboatError(
      'usage',
      'a web page of another site sent this request',
      'Open the status page, and start the backup there.',
    );
  const token = (await readForm(request)).get(TOKEN) ?? '';
  const [own, other] = [backups.tokenOf(database), token].map((text) => Buffer.from(text));
  if (own && other && own.length === other.length && timingSafeEqual(own, other)) return;
  throw new LifeboatError(
    'usage',
    'this form is no longer valid, because Lifeboat was restarted after the page was loaded',
    'Load the page of the database again, and start the backup there.',
  );
}
