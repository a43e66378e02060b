import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

export type SmtpMail = {
  from: string;
  to: string[];
  data: string;
  encrypted: boolean;
  user: string | undefined;
};
/** Reply lines for a verb, instead of the usual ones. `silent` sends nothing, `cut` closes the connection. */
export type SmtpRule = { verb: string; reply: string };
export type FakeSmtp = {
  readonly port: number;
  readonly mails: SmtpMail[];
  /** Every line a client sent, over all connections. */
  readonly lines: string[];
  readonly connections: () => number;
  /** Called when a client gets no response. */
  whenSilent: () => void;
  /** Rules for the next connections, one each. */
  next(...rules: (SmtpRule | undefined)[]): void;
};
export type SmtpOptions = {
  readonly login?: { user: string; pass: string };
  /** Offers STARTTLS, or speaks TLS from the start when `implicit`. */
  readonly tls?: { key: string; cert: string; implicit?: boolean };
  /** Recipients that do not exist. */
  readonly unknown?: readonly string[];
};

type Session = {
  from: string;
  to: string[];
  user: string | undefined;
  data: string[] | undefined;
  encrypted: boolean;
};

/** A fake: a small SMTP server (RFC 5321, with STARTTLS and AUTH PLAIN) on the loopback interface. It delivers nothing and stops with the test. */
export async function startSmtp({ login, tls, unknown = [] }: SmtpOptions = {}): Promise<FakeSmtp> {
  const mails: SmtpMail[] = [];
  const lines: string[] = [];
  const rules: (SmtpRule | undefined)[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const reply = (session: Session, line: string): string => {
    const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
    const argument = /<([^>]*)>/.exec(line)?.[1] ?? '';
    if (verb === 'EHLO') {
      const extensions = [
        ...(tls && !session.encrypted ? ['STARTTLS'] : []),
        ...(login ? ['AUTH PLAIN'] : []),
        '8BITMIME',
      ];
      return ['fake.example', ...extensions]
        .map((each, n, all) => `250${n === all.length - 1 ? ' ' : '-'}${each}`)
        .join('\r\n');
    }
    if (verb === 'AUTH') {
      const [, user, pass] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
        .toString()
        .split('\0');
      if (user !== login?.user || pass !== login?.pass)
        return `535 5.7.8 bad credentials ${line.split(' ')[2]}`;
      session.user = user;
      return '235 2.7.0 welcome';
    }
    if (verb === 'MAIL') {
      if (login && session.user === undefined) return '530 5.7.0 authentication required';
      session.from = argument;
      return '250 2.1.0 ok';
    }
    if (verb === 'RCPT') {
      if (unknown.includes(argument)) return `550 5.1.1 no such user ${argument}`;
      session.to.push(argument);
      return '250 2.1.5 ok';
    }
    if (verb === 'DATA') {
      session.data = [];
      return '354 end with a dot';
    }
    if (verb === 'RSET' || verb === 'NOOP') return '250 ok';
    return verb === 'QUIT' ? '221 bye' : '502 5.5.1 unknown';
  };

  const serve = (plain: Socket, secure: boolean, rule: SmtpRule | undefined): void => {
    let socket: Socket = plain;
    const session: Session = {
      from: '',
      to: [],
      user: undefined,
      data: undefined,
      encrypted: secure,
    };
    const say = (text: string): void => {
      if (text === 'cut') socket.destroy();
      else if (text === 'silent') fake.whenSilent();
      else socket.write(`${text}\r\n`);
    };
    const upgrade = (): void => {
      if (!tls) return;
      plain.removeAllListeners('data');
      socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(tls) });
      session.encrypted = true;
      listen();
    };
    const onLine = (line: string): void => {
      if (session.data) {
        if (line !== '.')
          return void session.data.push(line.startsWith('.') ? line.slice(1) : line);
        mails.push({
          from: session.from,
          to: session.to,
          data: session.data.join('\r\n'),
          encrypted: session.encrypted,
          user: session.user,
        });
        session.data = undefined;
        return say(rule?.verb === '.' ? rule.reply : '250 2.0.0 queued');
      }
      lines.push(line);
      if (rule && line.toUpperCase().startsWith(rule.verb)) return say(rule.reply);
      if (line.toUpperCase() === 'STARTTLS' && tls && !session.encrypted) {
        say('220 go ahead');
        return upgrade();
      }
      say(reply(session, line));
    };
    const listen = (): void => {
      let buffer = '';
      socket.on('error', () => undefined);
      socket.on('data', (part: Buffer) => {
        buffer += part.toString('latin1');
        for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
          const line = buffer.slice(0, end);
          buffer = buffer.slice(end + 2);
          onLine(line);
        }
      });
    };
    if (secure && tls)
      socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(tls) });
    listen();
    say(rule?.verb === 'CONNECT' ? rule.reply : '220 fake.example ESMTP');
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    connections += 1;
    socket.on('close', () => sockets.delete(socket));
    serve(socket, tls?.implicit === true, rules.shift());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const fake: FakeSmtp = {
    port: (server.address() as AddressInfo).port,
    mails,
    lines,
    connections: () => connections,
    whenSilent: () => undefined,
    next: (...more) => void rules.push(...more),
  };
  return fake;
}
