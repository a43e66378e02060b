import { openSource } from '../../core/app/adapters.ts';
import type { DatabaseConfig } from '../../core/config/load.ts';
import type { Source } from '../../core/source/source.ts';

/** The configured source with the test's clock for the time of its snapshots. */
export function datedSource(now: () => Date) {
  return async (database: DatabaseConfig): Promise<Source> => {
    const source = await openSource(database, {}, now);
    return {
      url: source.url,
      measure: (signal) => source.measure(signal),
      pull: async (request) => {
        const pulled = await source.pull(request);
        return pulled === 'unchanged' ? pulled : { ...pulled, takenAt: now() };
      },
    };
  };
}
