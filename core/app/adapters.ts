import type { Config, DatabaseConfig } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { Publisher } from '../messages/publisher.ts';
import type { Source } from '../source/source.ts';
import type { Tuning } from '../google/storage/calls.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../lib/log/log.ts';
import type { Schedules } from '../schedule/jobs.ts';
import { ENVIRONMENT_SECRETS, mailProvider } from '../config/secrets.ts';
import { withoutSecrets } from '../lib/processes/command.ts';
import { parseStoreAddress } from '../config/store-address.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Google Cloud itself; others are run by partners, with other addresses. */
const PUBLIC_UNIVERSE = 'googleapis.com';
const TOKEN_HINT =
  'Set LIFEBOAT_ID_TOKEN, set GOOGLE_APPLICATION_CREDENTIALS to a service account, or log in with `gcloud auth login`. On Google Cloud, Lifeboat uses the identity of the machine.';

/** The store of an absolute path or a gs:// address. `tuning` has the timeouts of a bucket. */
export async function openStore(
  url: string,
  env: Environment,
  tuning: Partial<Tuning> = {},
): Promise<Store> {
  const place = parseStoreAddress(url, '/');
  if (place.kind === 'directory')
    return (await import('../store/directory/directory.ts')).createDirectoryStore(place.path);
  const { createGcsStore } = await import('../google/storage/store.ts');
  return createGcsStore({
    bucket: place.bucket,
    prefix: place.prefix,
    clients: storageClients(env),
    tuning,
  });
}

/** The source of a database; its secrets come from the environment. */
export async function openSource(
  database: DatabaseConfig,
  env: Environment,
  now: () => Date,
): Promise<Source> {
  const { openSourceAt } = await import('../source/open.ts');
  let tokens: ((audience: string) => Promise<string>) | undefined;
  return openSourceAt(database.origin, {
    storage: storageClients(env),
    idToken: async (audience) => {
      tokens ??= (await import('../google/auth.ts')).createIdTokens();
      return tokens(audience);
    },
    bearer: env['LIFEBOAT_HTTPS_TOKEN'],
    sshKey: env['LIFEBOAT_SSH_KEY'],
    now,
  });
}

/**
 * ID tokens for calling a function: from LIFEBOAT_ID_TOKEN, from the application default
 * credentials, or from gcloud, because the default credentials of a person cannot create any. Throws
 * `config_invalid`.
 */
export function openIdentity(env: Environment): (audience: string) => Promise<string> {
  const ownToken = env['LIFEBOAT_ID_TOKEN']?.trim();
  let tokens: ((audience: string) => Promise<string>) | undefined;
  return async (audience) => {
    if (ownToken) {
      if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(ownToken)) return ownToken;
      throw new LifeboatError(
        'config_invalid',
        'LIFEBOAT_ID_TOKEN is not an ID token',
        'Set LIFEBOAT_ID_TOKEN to an ID token, which has three parts separated by dots. An access token does not work.',
      );
    }
    tokens ??= (await import('../google/auth.ts')).createIdTokens();
    const [own, { createGcloudTokens }] = [tokens, await import('../google/gcloud.ts')];
    return own(audience).catch((first: unknown) =>
      createGcloudTokens()(audience).catch((second: unknown) => {
        const why = [first, second].map((error) => toLifeboatError(error).message).join('; ');
        throw new LifeboatError('config_invalid', why, TOKEN_HINT);
      }),
    );
  };
}

/** Pub/Sub, or the address of `lifeboat dev`. Loads nothing before the first message. */
export function openPublisher(env: Environment, now: () => Date): Publisher {
  const url = env['LIFEBOAT_PUSH_URL'];
  const connect = async (): Promise<Publisher> => {
    if (url) return (await import('../messages/push.ts')).createPushPublisher(url, now);
    const { createPubSubPublisher } = await import('../google/pubsub.ts');
    const [backup, restoreTest] = [
      env['LIFEBOAT_BACKUP_TOPIC'],
      env['LIFEBOAT_RESTORE_TEST_TOPIC'],
    ];
    return createPubSubPublisher({
      topics: {
        ...(backup ? { backup } : {}),
        ...(restoreTest ? { 'restore-test': restoreTest } : {}),
      },
      projectId: env['GOOGLE_CLOUD_PROJECT'],
      emulator: env['PUBSUB_EMULATOR_HOST'],
    });
  };
  let publisher: Promise<Publisher> | undefined;
  return { publish: async (...message) => (await (publisher ??= connect())).publish(...message) };
}

/** The configured channels. One whose secret is missing fails when it has something to send. */
export async function openNotifier(
  { notify, locale }: Config,
  env: Environment,
  log: Log,
  now: () => Date,
): Promise<Notifier> {
  const [{ openChannels }, { createNotifier }] = await Promise.all([
    import('../notify/channel/open.ts'),
    import('../notify/notifier.ts'),
  ]);
  const channels = await openChannels(
    {
      email: notify.email,
      slack: notify.slack && {},
      telegram: notify.telegram,
      webhook: notify.webhook,
      ntfy: notify.ntfy,
      discord: notify.discord,
      teams: notify.teams,
      command: notify.command,
    },
    {
      sendGridApiKey: env['SENDGRID_API_KEY'],
      smtpUrl: env['SMTP_URL'],
      slackWebhookUrl: env['SLACK_WEBHOOK_URL'],
      telegramBotToken: env['TELEGRAM_BOT_TOKEN'],
      webhookSecret: env['LIFEBOAT_WEBHOOK_SECRET'],
      sendGridBaseUrl: env['SENDGRID_BASE_URL'],
      telegramBaseUrl: env['TELEGRAM_BASE_URL'],
      ntfyToken: env['NTFY_TOKEN'],
      discordWebhookUrl: env['DISCORD_WEBHOOK_URL'],
      teamsWebhookUrl: env['TEAMS_WEBHOOK_URL'],
      commandEnv: withoutSecrets(env, ENVIRONMENT_SECRETS),
    },
  );
  if (channels.length === 0)
    log('WARNING', 'no notifications will be sent: add a channel under `notify` in lifeboat.yaml', {
      event: 'notification',
    });
  return createNotifier({ channels, locale, log, now });
}

/** Checks the mail service without sending an email. Throws `notify_failed` or `config_invalid`. */
export async function checkMailer(
  { provider }: NonNullable<Config['notify']['email']>,
  env: Environment,
  signal: AbortSignal,
): Promise<string> {
  const [apiKey, smtpUrl, baseUrl] = [
    env['SENDGRID_API_KEY'],
    env['SMTP_URL'],
    env['SENDGRID_BASE_URL'],
  ];
  const { checkMail } = await import('../notify/channel/check-mail.ts');
  return checkMail({
    provider: mailProvider(provider, Boolean(smtpUrl), Boolean(apiKey)),
    apiKey,
    smtpUrl,
    baseUrl,
    signal,
  });
}

/** The schedules of a deployment; `undefined` unless the environment has its project and region. */
export function openSchedules(env: Environment): Schedules | undefined {
  const [projectId, location] = [env['GOOGLE_CLOUD_PROJECT'], env['LIFEBOAT_SCHEDULER_LOCATION']];
  if (!projectId || !location) return undefined;
  const prefix = env['LIFEBOAT_SCHEDULER_PREFIX'] ?? 'lifeboat-';
  const account = env['LIFEBOAT_SCHEDULER_ACCOUNT'];
  const connect = async () =>
    (await import('../google/scheduler.ts')).openCloudScheduler({
      projectId,
      location,
      prefix,
      account,
      endpoint: env['LIFEBOAT_SCHEDULER_ENDPOINT'],
    });
  let client: ReturnType<typeof connect> | undefined;
  return {
    prefix,
    place: { prefix, projectId, location, account },
    job: async (name) => (await (client ??= connect())).job(name),
    jobs: async (patienceMs) => (await (client ??= connect())).jobs(patienceMs),
    close: async () => (await client)?.close(),
  };
}

// Adapters are imported when they are first needed, so that a function loads only its own clients.
function storageClients(env: Environment) {
  const endpoint = env['LIFEBOAT_GCS_ENDPOINT'];
  const universe = env['GOOGLE_CLOUD_UNIVERSE_DOMAIN'] || PUBLIC_UNIVERSE;
  return async () => {
    if (universe !== PUBLIC_UNIVERSE) throw otherUniverse(universe);
    return (await import('../google/storage/client.ts')).openStorage(endpoint ? { endpoint } : {});
  };
}

function otherUniverse(universe: string): LifeboatError {
  return new LifeboatError(
    'config_invalid',
    `GOOGLE_CLOUD_UNIVERSE_DOMAIN is ${universe}, but Lifeboat supports only ${PUBLIC_UNIVERSE}`,
    'Unset it to use the public Google Cloud.',
  );
}
