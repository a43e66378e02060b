import type { CloudEvent } from '@google-cloud/functions-framework';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import {
  originOf,
  readMessage,
  type TopicMessage,
  type RequestOrigin,
} from '../core/messages/messages.ts';
import type { Log } from '../core/lib/log/log.ts';

type Handler = {
  readonly log: Log;
  /** Throws `not_found` for a database that the configuration does not have. */
  readonly requireConfigured: (database: string) => Promise<void>;
  readonly work: (delivery: MessageDelivery) => Promise<unknown>;
};
type Attributes = Readonly<Record<string, string>>;
/**
 * https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage, as functions-framework
 * passes it.
 */
export type Published = {
  readonly message?: {
    readonly data?: string;
    readonly attributes?: Attributes;
    readonly messageId?: string;
    readonly publishTime?: string;
  };
};
export type MessageDelivery = {
  readonly message: TopicMessage;
  readonly origin: RequestOrigin;
  readonly fannedOut: boolean;
};

/**
 * Rejects when a retry may succeed, so that Pub/Sub delivers the message again. Acknowledges every
 * other failure, or the message would return for days: an invalid message is logged here, a failed
 * run has already logged and announced its failure.
 */
export async function handle(
  event: CloudEvent<Published>,
  { log, requireConfigured, work }: Handler,
): Promise<void> {
  let delivery: MessageDelivery;
  try {
    delivery = readDelivery(event);
    await requireConfigured(delivery.message.database);
  } catch (cause) {
    const error = toLifeboatError(cause);
    const isRedelivered = error.retry || error.code === 'config_invalid';
    const outcome = isRedelivered
      ? 'a message failed and will be delivered again'
      : 'dropped a message';
    log('ERROR', `${outcome}: ${error.message}`, {
      event: 'message',
      code: error.code,
      hint: error.hint,
      message_id: event.id,
      cause,
    });
    if (isRedelivered) throw withoutStack(error);
    return;
  }
  try {
    await work(delivery);
  } catch (cause) {
    const error = toLifeboatError(cause);
    if (error.retry) throw withoutStack(error);
    log('INFO', `acknowledged the message: a retry cannot help (${error.code})`, {
      event: 'message',
      code: error.code,
      message_id: event.id,
    });
  }
}

/**
 * The framework writes the stack of what a handler throws to standard error, where Google's Error
 * Reporting takes it for one more error. The log has a line about this one already.
 */
function withoutStack(error: LifeboatError): LifeboatError {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

function readDelivery(event: CloudEvent<Published>): MessageDelivery {
  const { data, attributes, messageId, publishTime } = event.data?.message ?? {};
  const message = readMessage(data === undefined ? undefined : Buffer.from(data, 'base64'));
  // Equal in every delivery of a message. The time of delivery would make each one a different
  // request.
  const own = { id: messageId ?? event.id, at: new Date(publishTime ?? event.time ?? 0) };
  if (Number.isNaN(own.at.getTime()))
    throw new LifeboatError(
      'usage',
      'the time of publication of the message is not valid',
      'Publish the message through Pub/Sub, which sets the time.',
    );
  return {
    message,
    origin: originOf(own, attributes),
    fannedOut: attributes?.['parent'] !== undefined,
  };
}
