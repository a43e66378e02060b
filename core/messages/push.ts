import { randomUUID } from 'node:crypto';
import { LifeboatError } from '../lib/errors.ts';
import type { Publisher } from './publisher.ts';

const TIMEOUT_MS = 10_000;

/**
 * Delivers messages to an HTTP address in the form of a Pub/Sub push, for a machine without Pub/Sub
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
      const response = await fetch(`${url}/publish/${topic}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message, subscription: topic }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: unknown) => {
        throw deliveryFailure(topic, cause instanceof Error ? cause.message : String(cause), cause);
      });
      if (!response.ok) throw deliveryFailure(topic, `status ${response.status}`);
    },
  };
}

function deliveryFailure(topic: string, reason: string, cause?: unknown): LifeboatError {
  return new LifeboatError(
    'store_unreachable',
    `the message to ${topic} could not be delivered: ${reason}`,
    'Check that `lifeboat dev` is still running.',
    { cause },
  );
}
