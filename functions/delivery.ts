import type { CloudEvent } from '@google-cloud/functions-framework';
import { toLifeboatError } from '../core/lib/errors.ts';
import {
  originOf,
  readMessage,
  type TopicMessage,
  type RequestOrigin,
} from '../core/messages/messages.ts';
import type { Log } from '../core/lib/log.ts';

type Attributes = Readonly<Record<string, string>>;
/** https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage, as functions-framework hands it over. */
export type Published = {
  readonly message?: {
    readonly data?: string;
    readonly attributes?: Attributes;
    readonly messageId?: string;
    readonly publishTime?: string;
  };
};
export type Delivery = {
  readonly message: TopicMessage;
  readonly origin: RequestOrigin;
  readonly fannedOut: boolean;
};

/**
 * Rejects on a failure that a retry can help, so that the message is delivered again. What a retry cannot help is acknowledged, or it would come
 * back for days: a message that makes no sense is logged here, a run that failed has logged and told it itself.
 */
export async function handle(
  log: Log,
  event: CloudEvent<Published>,
  known: (database: string) => Promise<void>,
  work: (delivery: Delivery) => Promise<unknown>,
): Promise<void> {
  let delivery: Delivery;
  try {
    delivery = read(event);
    await known(delivery.message.database);
  } catch (cause) {
    const error = toLifeboatError(cause);
    log('ERROR', `a message was dropped: ${error.message}`, {
      event: 'message',
      code: error.code,
      hint: error.hint,
      message_id: event.id,
      cause,
    });
    if (error.retry || error.code === 'config_invalid') throw error;
    return;
  }
  try {
    await work(delivery);
  } catch (cause) {
    const error = toLifeboatError(cause);
    if (error.retry) throw error;
    log(
      'INFO',
      `the message is acknowledged, because delivering it again cannot help (${error.code})`,
      {
        event: 'message',
        code: error.code,
        message_id: event.id,
      },
    );
  }
}

function read(event: CloudEvent<Published>): Delivery {
  const { data, attributes, messageId, publishTime } = event.data?.message ?? {};
  const message = readMessage(data === undefined ? undefined : Buffer.from(data, 'base64'));
  // The same in every delivery of a message; the time of the delivery would make each one another request.
  const own = { id: messageId ?? event.id, at: new Date(publishTime ?? event.time ?? 0) };
  return {
    message,
    origin: originOf(own, attributes),
    fannedOut: attributes?.['parent'] !== undefined,
  };
}
