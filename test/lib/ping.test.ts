import { describe, expect, test } from 'vitest';
import { ping } from '../../core/lib/ping.ts';
import { startService, type Behaviour } from '../fakes/http-service.ts';

const answer =
  (status: number): Behaviour =>
  () => ({ status });
const ask = async (...behaviours: Behaviour[]) => {
  const service = await startService(() => ({ status: 200 }));
  service.next(...behaviours);
  const lines: string[] = [];
  const done = await ping(`${service.url}/secret-path`, {
    log: (severity, message) => void lines.push(`${severity} ${message}`),
    // On a busy machine, a request takes a while to arrive.
    patienceMs: behaviours.includes('silent') ? 300 : 5000,
    sleep: () => Promise.resolve(),
  });
  return { done, lines, asked: service.received.length };
};

describe('the ping', () => {
  test.each<[string, Behaviour[], boolean, number]>([
    ['succeeds at once', [], true, 1],
    ['succeeds after two failures', [answer(500), 'cut'], true, 3],
    ['succeeds after a 429', [answer(429)], true, 2],
    ['succeeds after a timeout', ['silent'], true, 2],
    ['gives up after three failures', [answer(500), answer(500), answer(500)], false, 3],
    ['gives up after three timeouts', ['silent', 'silent', 'silent'], false, 3],
    ['gives up at once after a 404', [answer(404)], false, 1],
    ['follows no redirect', [() => ({ status: 302, headers: { location: '/' } })], false, 1],
  ])('%s', async (_, behaviours, done, asked) => {
    const result = await ask(...behaviours);
    expect(result).toMatchObject({ done, asked });
    expect(result.lines).toEqual(
      done
        ? []
        : [expect.stringMatching(/^WARNING the ping of http:\/\/127\.0\.0\.1:\d+ failed: /)],
    );
    expect(result.lines.join()).not.toContain('secret-path');
  });
});
