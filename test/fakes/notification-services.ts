import { createHmac } from 'node:crypto';
import type { Received, Reply } from './http-service.ts';
/** Moves the echoed text to where a long message is truncated. */
export const PAD = 'no such thing: '.repeat(22);

/** https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
export function sendGrid(key: string) {
  const errors = (status: number, message: string, field: string | null = null) =>
    json(status, { errors: [{ message, field, help: null }] });
  return {
    ok: ({ path, headers, body }: Received): Reply => {
      if (path !== '/v3/mail/send') return errors(404, 'Not Found');
      if (headers.authorization !== `Bearer ${key}`)
        return errors(401, 'The provided authorization grant is invalid, expired, or revoked');
      const mail = JSON.parse(body) as {
        from?: { email?: string };
        subject?: string;
        content?: { type: string; value: string }[];
        personalizations?: { to: { email: string }[] }[];
      };
      if (!isText(mail.from?.email))
        return errors(400, 'The from object must be provided for every email send.', 'from.email');
      const to = mail.personalizations?.[0]?.to.map(({ email }) => email.toLowerCase()) ?? [];
      if (to.length === 0) return errors(400, 'The to array is required', 'personalizations.0.to');
      if (new Set(to).size < to.length)
        return errors(
          400,
          'Each email address in the personalization block should be unique.',
          'personalizations',
        );
      if (!isText(mail.subject)) return errors(400, 'The subject is required.', 'subject');
      if (mail.content?.map(({ type }) => type).join() !== 'text/plain,text/html')
        return errors(
          400,
          'If present, text/plain and text/html may only be provided once, in that order.',
          'content',
        );
      return { status: 202, headers: { 'x-message-id': '14c5d75ce93' } };
    },
    rejects: () => errors(400, 'Does not contain a valid address.', 'from.email'),
    unauthorized: () =>
      errors(401, 'The provided authorization grant is invalid, expired, or revoked'),
    forbidden: () =>
      errors(
        403,
        'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
        'from',
      ),
    busy: (seconds: number): Reply => {
      const reset = String(Math.ceil(Date.now() / 1000) + seconds);
      return json(
        429,
        { errors: [{ field: null, message: 'too many requests' }] },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      );
    },
    broken: () => errors(500, 'Internal Server Error'),
    echoes: ({ headers }: Received) => errors(400, `${PAD}${headers.authorization}`),
  };
}

/** https://docs.slack.dev/reference/block-kit/blocks and /messaging/sending-messages-using-incoming-webhooks */
export function slack(path: string) {
  const word = (status: number, body: string, headers: Record<string, string> = {}): Reply => ({
    status,
    body,
    headers,
  });
  type Text = { type: string; text: string };
  type Block = { type: string; text?: Text; fields?: Text[]; elements?: Text[] };
  const isGood = ({ type, text, fields = [], elements = [] }: Block): boolean => {
    const texts = [...(text ? [text] : []), ...fields, ...elements];
    if (texts.length === 0 || fields.length > 10 || elements.length > 10) return false;
    if (
      texts.some(
        (each) =>
          each.text === '' || (each.type === 'mrkdwn' && /&(?!amp;|lt;|gt;)/.test(each.text)),
      )
    )
      return false;
    if (type === 'header') return text?.type === 'plain_text' && text.text.length <= 150;
    return (text?.text.length ?? 0) <= 3000 && fields.every((each) => each.text.length <= 2000);
  };
  return {
    ok: (request: Received): Reply => {
      if (request.path !== path) return word(404, 'no_service');
      const { text, blocks } = JSON.parse(request.body) as { text?: string; blocks?: Block[] };
      if (!isText(text) && !blocks?.length) return word(400, 'no_text');
      return (blocks ?? []).length <= 50 && (blocks ?? []).every(isGood)
        ? word(200, 'ok')
        : word(400, 'invalid_blocks');
    },
    rejects: () => word(400, 'invalid_payload'),
    unauthorized: () => word(404, 'no_service'),
    forbidden: () => word(403, 'action_prohibited'),
    busy: (seconds: number) => word(429, 'rate_limited', { 'retry-after': String(seconds) }),
    broken: () => word(500, 'rollup_error'),
    echoes: (request: Received) => word(400, `${PAD}${request.path}`),
  };
}

/** https://core.telegram.org/bots/api#sendmessage */
export function telegram(token: string, chat: string) {
  const error = (status: number, description: string, parameters?: Record<string, number>): Reply =>
    json(status, {
      ok: false,
      error_code: status,
      description,
      ...(parameters ? { parameters } : {}),
    });
  return {
    ok: ({ path, body }: Received): Reply => {
      if (path !== `/bot${token}/sendMessage`) return error(401, 'Unauthorized');
      const { chat_id, text, parse_mode } = JSON.parse(body) as Record<string, unknown>;
      if (chat_id !== chat) return error(400, 'Bad Request: chat not found');
      if (!isText(text)) return error(400, 'Bad Request: message text is empty');
      if (text.length > 4096) return error(400, 'Bad Request: message is too long');
      if (parse_mode !== 'HTML' || !isTelegramHtml(text))
        return error(400, "Bad Request: can't parse entities: Unsupported start tag");
      return json(200, { ok: true, result: { message_id: 7, chat: { id: chat }, date: 1, text } });
    },
    rejects: () => error(400, 'Bad Request: chat not found'),
    unauthorized: () => error(401, 'Unauthorized'),
    forbidden: () => error(403, 'Forbidden: bot was blocked by the user'),
    moved: () =>
      error(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: -1001234567890,
      }),
    busy: (seconds: number) =>
      error(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds }),
    broken: () => error(502, 'Bad Gateway'),
    echoes: ({ path }: Received) => error(400, `${PAD}${path}`),
  };
}

/** https://docs.ntfy.sh/publish/#publish-as-json */
export function ntfy(token: string) {
  const error = (status: number, text: string): Reply =>
    json(status, { code: status * 100 + 1, http: status, error: text });
  return {
    ok: ({ path, headers, body }: Received): Reply => {
      if (path !== '/') return error(404, 'page not found');
      if (headers.authorization !== `Bearer ${token}`) return error(401, 'unauthorized');
      const { topic, title, message, priority, tags, click } = JSON.parse(body) as Record<
        string,
        unknown
      >;
      if (typeof topic !== 'string' || !/^[-_A-Za-z0-9]{1,64}$/.test(topic))
        return error(400, 'invalid topic');
      const isGood =
        isText(title) &&
        isText(message) &&
        // Above, ntfy would turn it into an attachment.
        Buffer.byteLength(message) <= 4096 &&
        [1, 2, 3, 4, 5].includes(Number(priority)) &&
        Array.isArray(tags) &&
        (click === undefined || (isText(click) && URL.canParse(click)));
      return isGood ? json(200, { id: 'x', event: 'message' }) : error(400, 'invalid message');
    },
    rejects: () => error(400, 'invalid topic'),
    unauthorized: () => error(401, 'unauthorized'),
    forbidden: () => error(403, 'forbidden'),
    busy: (seconds: number) =>
      json(429, { code: 42901, error: 'limit reached' }, { 'retry-after': String(seconds) }),
    broken: () => error(500, 'internal server error'),
    echoes: ({ headers }: Received) => error(400, `${PAD}${headers.authorization}`),
  };
}

/** https://docs.discord.com/developers/resources/webhook#execute-webhook */
export function discord(path: string) {
  const error = (status: number, message: string): Reply => json(status, { message, code: 50035 });
  type Embed = {
    title?: string;
    url?: string;
    description?: string;
    fields?: { name: string; value: string }[];
    footer?: { text: string };
  };
  const isGood = ({ title = '', url, description = '', fields = [], footer }: Embed): boolean => {
    const texts = [title, description, footer?.text ?? '', ...fields.flatMap(Object.values)];
    return (
      title.length <= 256 &&
      description.length <= 4096 &&
      fields.length <= 25 &&
      fields.every(({ name, value }) => isText(name) && isText(value) && value.length <= 1024) &&
      (footer?.text ?? '').length <= 2048 &&
      (url === undefined || URL.canParse(url)) &&
      texts.filter((text) => typeof text === 'string').join('').length <= 6000
    );
  };
  return {
    ok: (request: Received): Reply => {
      if (request.path !== path) return error(404, 'Unknown Webhook');
      const { embeds = [], allowed_mentions } = JSON.parse(request.body) as {
        embeds?: Embed[];
        allowed_mentions?: { parse: unknown[] };
      };
      if (embeds.length !== 1 || !embeds.every(isGood)) return error(400, 'Invalid Form Body');
      return allowed_mentions?.parse.length === 0 ? { status: 204 } : error(400, 'it may mention');
    },
    rejects: () => error(400, 'Invalid Form Body'),
    unauthorized: () => error(401, 'Invalid Webhook Token'),
    forbidden: () => error(403, 'Missing Access'),
    busy: (seconds: number) =>
      json(
        429,
        { message: 'You are being rate limited.', retry_after: seconds, global: false },
        { 'retry-after': String(seconds) },
      ),
    broken: () => error(502, 'Bad Gateway'),
    echoes: ({ path: asked }: Received) => error(400, `${PAD}${asked}`),
  };
}

/** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
export function teams(path: string) {
  const error = (status: number, message: string): Reply =>
    json(status, { error: { code: 'WorkflowTriggerFault', message } });
  return {
    ok: (request: Received): Reply => {
      if (request.path !== path) return error(404, 'The workflow was not found.');
      if (Buffer.byteLength(request.body) > 28 * 1024) return error(413, 'too large');
      const { type, attachments = [] } = JSON.parse(request.body) as {
        type?: string;
        attachments?: {
          contentType: string;
          content: { type: string; version: string; body: { type: string; text?: string }[] };
        }[];
      };
      const [card] = attachments;
      const isGood =
        type === 'message' &&
        attachments.length === 1 &&
        card?.contentType === 'application/vnd.microsoft.card.adaptive' &&
        card.content.type === 'AdaptiveCard' &&
        card.content.body.every(
          (block) => block.type === 'FactSet' || (block.type === 'TextBlock' && isText(block.text)),
        );
      return isGood ? { status: 202 } : error(400, 'The request body is not a card.');
    },
    rejects: () => error(400, 'The request body is not a card.'),
    unauthorized: () => error(401, 'The signature is wrong.'),
    forbidden: () => error(403, 'The workflow is turned off.'),
    busy: (seconds: number) =>
      json(429, { error: { message: 'throttled' } }, { 'retry-after': String(seconds) }),
    broken: () => error(502, 'Bad Gateway'),
    echoes: ({ path: asked }: Received) => error(400, `${PAD}${asked}`),
  };
}

/** A receiver that follows `docs/notifications.md`. */
export function webhook(secret: string) {
  const seen = new Set<string>();
  return {
    ok: ({ headers, body }: Received): Reply => {
      const time = String(headers['x-lifeboat-timestamp']);
      const right = `v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
      if (
        headers['x-lifeboat-signature'] !== right ||
        Math.abs(Date.now() / 1000 - Number(time)) > 300
      )
        return { status: 403 };
      if (!isText(headers['x-lifeboat-delivery']) || seen.has(headers['x-lifeboat-delivery']))
        return { status: 409 };
      seen.add(headers['x-lifeboat-delivery']);
      const { lifeboat } = JSON.parse(body) as { lifeboat: unknown };
      return { status: lifeboat === 1 ? 204 : 400 };
    },
    rejects: (): Reply => ({ status: 400, body: 'bad' }),
    unauthorized: (): Reply => ({ status: 401 }),
    forbidden: (): Reply => ({ status: 403 }),
    busy: (seconds: number): Reply => ({
      status: 429,
      headers: { 'retry-after': new Date(Date.now() + seconds * 1000 + 999).toUTCString() },
    }),
    broken: (): Reply => ({ status: 503 }),
    echoes: ({ path }: Received): Reply => ({ status: 400, body: `${PAD}${path}` }),
  };
}

// Fakes of SendGrid, Slack, Telegram and a careful webhook receiver, by their documentation and
// clients. Each checks a request as its service does and refuses what the service would refuse.
function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

/** Telegram's HTML: only tags that `sendMessage` knows, properly nested, and no other `<` or `&`. */
function isTelegramHtml(text: string): boolean {
  const open: string[] = [];
  for (const [tag, close = '', name = ''] of text.matchAll(
    /<(\/?)([a-z]+)(?: href="[^"<>]*")?>|<|>|&(?!(?:amp|lt|gt|quot);)/g,
  )) {
    if (!['b', 'i', 'code', 'pre', 'a'].includes(name)) return false;
    if (close === '') open.push(name);
    else if (open.pop() !== name) return false;
    if (tag === '') return false;
  }
  return open.length === 0;
}
