import { describe, expect, test } from 'vitest';
import { ping } from '../../core/watch/ping.ts';
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
    patienceMs: 150,
    pause: () => Promise.resolve(),
  });
  return { done, lines, asked: service.received.length };
};

describe('the dead-man ping', () => {
  test.each<[string, Behaviour[], boolean, number]>([
    ['that is taken', [], true, 1],
    ['that fails twice', [answer(500), 'cut'], true, 3],
    ['that is told to wait', [answer(429)], true, 2],
    ['that hangs once', ['silent'], true, 2],
    ['that always fails', [answer(500), answer(500), answer(500)], false, 3],
    ['that always hangs', ['silent', 'silent', 'silent'], false, 3],
    ['whose address is wrong', [answer(404)], false, 1],
  ])('%s', async (_, behaviours, done, asked) => {
    const result = await ask(...behaviours);
    expect(result).toMatchObject({ done, asked });
    expect(result.lines).toEqual(
      done
        ? []
        : [expect.stringMatching(/^WARNING the dead-man switch at http:\/\/127\.0\.0\.1:\d+ /)],
    );
    expect(result.lines.join()).not.toContain('secret-path');
  });
});
