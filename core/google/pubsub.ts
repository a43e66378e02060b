import { LifeboatError } from '../lib/errors.ts';
import type { Publisher, Topic } from '../messages/publisher.ts';
import { MINUTE_MS } from '../lib/time.ts';

export type PubSubOptions = {
  /** `projects/P/topics/T`, or a topic's name in the client's own project. */
  readonly topics: Readonly<Partial<Record<Topic, string>>>;
  readonly projectId: string | undefined;
  /** `host:port` of an emulator. */
  readonly emulator: string | undefined;
};

const PATIENCE_MS = MINUTE_MS;
const DENIED = 7;
const NOT_FOUND = 5;

/**
 * Publishes to Google Cloud Pub/Sub. The client is made at the first message: most runs publish
 * none.
 */
export function createPubSubPublisher({ topics, projectId, emulator }: PubSubOptions): Publisher {
  const connect = async () => {
    const { PubSub } = await import('@google-cloud/pubsub');
    return new PubSub({
      ...(projectId === undefined ? {} : { projectId }),
      ...(emulator === undefined ? {} : { apiEndpoint: emulator, emulatorMode: true }),
    });
  };
  let client: ReturnType<typeof connect> | undefined;
  return {
    publish: async (topic, data, attributes) => {
      const name = topics[topic];
      if (name === undefined)
        throw new LifeboatError(
          'config_invalid',
          `no topic for ${topic} is configured`,
          'Set the variable that names it; the Terraform of the deployment does.',
        );
      client ??= connect();
      const batching = { maxMessages: 1 };
      const gaxOpts = { timeout: PATIENCE_MS };
      await (
        await client
      )
        .topic(name, { batching, gaxOpts })
        .publishMessage({ data: Buffer.from(data), attributes: { ...attributes } })
        .catch((cause: unknown) => {
          throw explain(name, cause);
        });
    },
  };
}

function explain(topic: string, cause: unknown): LifeboatError {
  const code = grpcCode(cause);
  const what = `the message to ${topic} could not be published: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (code === NOT_FOUND)
    return new LifeboatError(
      'config_invalid',
      what,
      'Apply the Terraform of the deployment, which makes the topic.',
      { cause },
    );
  if (code === DENIED)
    return new LifeboatError(
      'store_denied',
      what,
      'Give the identity of the function the role Pub/Sub Publisher on the topic.',
      { cause },
    );
  return new LifeboatError(
    'store_unreachable',
    what,
    'Pub/Sub did not answer; the message is delivered again by itself.',
    { cause },
  );
}

function grpcCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;
}
