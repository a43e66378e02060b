import { LifeboatError } from '../lib/errors.ts';
import type { Publisher, Topic } from '../messages/publisher.ts';
import { GRPC, grpcCodeOf } from './grpc.ts';
import { MINUTE_MS } from '../lib/text/time.ts';

export type PubSubOptions = {
  /** `projects/P/topics/T`, or a topic's name in the client's own project. */
  readonly topics: Readonly<Partial<Record<Topic, string>>>;
  readonly projectId: string | undefined;
  /** `host:port` of an emulator. */
  readonly emulator: string | undefined;
};

const PUBLISH_TIMEOUT_MS = MINUTE_MS;

/**
 * Publishes to Google Cloud Pub/Sub. The client is created for the first message, because most runs
 * publish none.
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
          `no topic is configured for ${topic}`,
          'Apply the Terraform of the deployment, which sets the variable with its name.',
        );
      const pubsub = await (client ??= connect());
      const options = { batching: { maxMessages: 1 }, gaxOpts: { timeout: PUBLISH_TIMEOUT_MS } };
      try {
        await pubsub
          .topic(name, options)
          .publishMessage({ data: Buffer.from(data), attributes: { ...attributes } });
      } catch (cause) {
        throw publishFailure(name, cause);
      }
    },
  };
}

function publishFailure(topic: string, cause: unknown): LifeboatError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `the message to ${topic} could not be published: ${reason}`;
  const code = grpcCodeOf(cause);
  if (code === GRPC.notFound)
    return new LifeboatError(
      'config_invalid',
      message,
      'Apply the Terraform of the deployment, which creates the topic.',
      { cause },
    );
  if (code === GRPC.permissionDenied)
    return new LifeboatError(
      'store_denied',
      message,
      'Grant the identity of the function the role Pub/Sub Publisher on the topic.',
      { cause },
    );
  return new LifeboatError(
    'store_unreachable',
    message,
    'Pub/Sub did not answer. It will deliver the message that started this run again.',
    { cause },
  );
}
