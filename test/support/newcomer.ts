import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { sql } from './databases.ts';
import { BARE } from './environment.ts';

/** A real SMTP server, aiosmtpd: prints its port, then each message and a line with a dot. */
const SMTP_SERVER = `
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        sys.stdout.buffer.write(envelope.content.rstrip() + b"\\n.\\n")
        sys.stdout.buffer.flush()
        return "250 OK"

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Mailbox()), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
`;
const APPLICATION = `
  const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
  db.prepare('select count(*) from orders').get();
  console.log('ready');
  setInterval(() => db, 1000);`;

export type Step = {
  /** The command as the page has it. */
  readonly command: string;
  readonly status: number | null;
  /** What it printed, on both streams. */
  readonly output: string;
};
export type Newcomer = {
  readonly steps: readonly Step[];
  /** The messages that the SMTP server accepted. */
  readonly mails: readonly string[];
  readonly rows: readonly string[];
};

/**
 * What somebody does on a bare machine who has just installed the package below `modules`: set
 * Lifeboat up, have cron run its line, lose the database, get the mail, and restore. The folder has
 * nothing else in it.
 */
export async function newcomerStory(folder: string, modules: string): Promise<Newcomer> {
  const shop = join(folder, 'shop.db');
  sql(
    shop,
    'create table orders (id integer primary key, total); insert into orders (total) values (10), (20)',
  );
  const smtp = spawn('/usr/bin/python3', ['-c', SMTP_SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const application = spawn(process.execPath, ['--no-warnings', '-e', APPLICATION, shop], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const inbox = await readMails(smtp);
    if (application.stdout) await once(application.stdout, 'data');
    const steps = await story({ folder, modules, shop, inbox, application });
    await end(smtp);
    // What it had accepted is in the pipe.
    await inbox.closed;
    using db = new DatabaseSync(shop, { readOnly: true });
    const rows = db.prepare('select total from orders').all();
    return { steps, mails: inbox.mails, rows: rows.map(({ total }) => String(total)) };
  } finally {
    for (const child of [smtp, application]) await end(child);
  }
}

type Inbox = {
  readonly port: string;
  readonly mails: string[];
  readonly closed: Promise<unknown>;
};
type Stage = {
  readonly folder: string;
  readonly modules: string;
  readonly shop: string;
  readonly inbox: Inbox;
  readonly application: ChildProcess;
};

async function story({ folder, modules, shop, inbox, application }: Stage): Promise<Step[]> {
  const steps: Step[] = [];
  const env = {
    PATH: `${join(modules, '.bin')}:${BARE['PATH'] ?? ''}`,
    HOME: folder,
    TMPDIR: folder,
  };
  const run = async (command: string, line = command): Promise<string> => {
    const child = spawn('/bin/sh', ['-c', line], { cwd: folder, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => (output += part.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    steps.push({ command, status, output });
    return output;
  };
  await run(
    'lifeboat init --source shop.db --store ./kept --time-zone UTC --email ops@example.com --yes',
  );
  writeFileSync(join(folder, 'environment'), `SMTP_URL=smtp://127.0.0.1:${inbox.port}\n`, {
    mode: 0o600,
  });
  await run('lifeboat install-timer --user --print');
  const crontab = await run('lifeboat install-timer --cron --environment ./environment --print');
  const line = cronLine(crontab);
  await run('(cron starts the backup)', line);
  writeFileSync(shop, 'the disk wrote something else here');
  await run('(cron starts the backup)', line);
  await run('lifeboat list shop');
  await run('lifeboat restore shop --to shop.db --force');
  await end(application);
  await run('lifeboat restore shop --to shop.db --force');
  await run('(cron starts the backup)', line);
  return steps;
}

/** The command that cron would run for the backup: what follows the five fields. */
function cronLine(crontab: string): string {
  const line = crontab.split('\n').find((each) => each.includes(' backup shop --reason schedule'));
  if (line === undefined) throw new Error(`no line for the backup in:\n${crontab}`);
  return line.split(' ').slice(5).join(' ').replaceAll('\\%', '%');
}

async function readMails(smtp: ChildProcess): Promise<Inbox> {
  if (!smtp.stdout) throw new Error('the SMTP server has no output');
  const lines = createInterface({ input: smtp.stdout });
  const mails: string[] = [];
  let mail: string[] = [];
  const [port] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => {
    if (line !== '.') return void mail.push(line);
    mails.push(mail.join('\n'));
    mail = [];
  });
  return { port, mails, closed: once(lines, 'close') };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
