import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { expect, test } from 'vitest';
import { leaveDomain } from '../../functions/domain.ts';

const inDomain = (): boolean => Boolean((process as { domain?: unknown }).domain);

test('after leaving, a function runs in no domain, synchronously or not', async () => {
  const seen: Record<string, boolean> = {};
  http('probe', async (_, response) => {
    // Fails when the framework no longer creates a domain: then `leaveDomain` can go.
    seen['before'] = inDomain();
    leaveDomain();
    seen['at once'] = inDomain();
    await sleep(1);
    seen['after a wait'] = inDomain();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    seen['in a tick'] = inDomain();
    response.end();
  });
  const server = getTestServer('probe').listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect((await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).status).toBe(
    200,
  );
  server.close();
  expect(seen).toEqual({
    before: true,
    'at once': false,
    'after a wait': false,
    'in a tick': false,
  });
});

test('leaving does nothing outside a domain', () => {
  expect(leaveDomain).not.toThrow();
});
