import { randomUUID } from 'node:crypto';
import { LifeboatError } from '../lib/errors.ts';
import type { Publisher } from './publisher.ts';

const TIMEOUT_MS = 10_000;

/**
 * Hands messages to an HTTP address in the form of Pub/Sub's push, for a machine without Pub/Sub
 * (`lifeboat dev`).
 */
export function createPushPublisher(url: string, now: () => Date): Publisher {
  return {
    publish: async (topic, data, attributes) => {
      const message = {
        data: Buffer.from(data).toString('base64'),
        attributes,
        messageId: randomUUID(),
        publishTime: now().toISOString(),
      };
      const target = `${url}/publish/${topic}`;
      const deliveryError = (what: string, cause?: unknown) =>
        new LifeboatError(
          'store_unreachable',
          `the message to ${topic} could not be handed over: ${what}`,
          'Is `lifeboat dev` still running?',
          {
            cause,
          },
        );
      const response = await fetch(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message, subscription: topic }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: unknown) => {
        throw deliveryError(cause instanceof Error ? cause.message : String(cause), cause);
      });
      if (!response.ok) throw deliveryError(`status ${response.status}`);
    },
  };
}
