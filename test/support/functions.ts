import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  cloudEvent,
  http,
  type CloudEvent,
  type Request,
  type Response,
} from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { onTestFinished } from 'vitest';
import type { App } from '../../core/app/app.ts';
import { openApp, type OpenOptions } from '../../core/app/open.ts';
import { backup } from '../../functions/backup.ts';
import { backupNow } from '../../functions/backup-now.ts';
import type { Published } from '../../functions/delivery.ts';
import type { Runtime } from '../../functions/runtime.ts';
import { bypassBodyParsers } from '../../functions/request-body.ts';
import { status } from '../../functions/status.ts';
import { sql, SMALL } from './databases.ts';
import { folder } from './files.ts';

export type Line = { severity: string; message: string; [field: string]: unknown };

let count = 0;

type Response2 = Awaited<ReturnType<typeof fetch>>;

/** The functions as functions-framework serves them, with a temporary folder that has the database `notes`. */
export async function serveFunctions(
  options: Partial<OpenOptions> & {
    deadlineMs?: number;
    names?: readonly string[];
    /** The content of lifeboat.yaml besides the databases. */
    more?: string;
    /** The database whose file is none. */
    broken?: string;
    scheduler?: string;
  } = {},
) {
  const cwd = folder();
  const names = options.names ?? ['notes'];
  for (const name of names)
    if (name === options.broken) writeFileSync(join(cwd, `${name}.db`), 'no database');
    else sql(join(cwd, `${name}.db`), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { ${names.map((name) => `${name}: { source: ${name}.db }`).join(', ')} }\n${options.more ?? ''}`,
  );
  const lines: Line[] = [];
  const log: Runtime['log'] = (severity, message, logged) =>
    void lines.push({ severity, message, ...logged });
  let app: Promise<App> | undefined;
  const open = () =>
    (app ??= openApp({ cwd, env: { TMPDIR: cwd }, log, configuredOnly: true, ...options }));
  const { signal } = new AbortController();
  const { deadlineMs, scheduler } = options;
  const runtime: Runtime = { open, log, deadlineMs, signal, scheduler };
  count += 1;
  cloudEvent(`backup-${count}`, (event: CloudEvent<Published>) => backup(runtime, event));
  http(`now-${count}`, (request: Request, response: Response) =>
    backupNow(runtime, request, response),
  );
  http(`status-${count}`, (request: Request, response: Response) =>
    status(runtime, request, response),
  );
  const [topic, now, state] = [
    await listen(`backup-${count}`),
    await listen(`now-${count}`),
    await listen(`status-${count}`),
  ];
  /** As a push subscription delivers it. */
  const push = (data: unknown, message: object = {}): Promise<Response2> =>
    fetch(`${topic}/projects/p/topics/lifeboat-backup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message: {
          data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString(
            'base64',
          ),
          messageId: '1001',
          publishTime: '2026-11-23T03:00:00.123Z',
          ...message,
        },
        subscription: 'projects/p/subscriptions/s',
      }),
    });
  const order = (body: unknown, headers: Record<string, string> = {}): Promise<Response2> =>
    fetch(now, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { cwd, lines, push, order, now, state, app: open };
}

async function listen(name: string): Promise<string> {
  const server: Server = getTestServer(name);
  if (!name.startsWith('backup-')) server.prependListener('request', bypassBodyParsers);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
