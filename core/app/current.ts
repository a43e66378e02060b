import type { App } from './app.ts';
import { configurationVersions } from './configuration.ts';
import { openConfiguredApp, type OpenOptions } from './open.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Log } from '../lib/log/log.ts';

type CurrentOptions = OpenOptions & { readonly log: Log };
type Current = { readonly app: App; readonly generation: string | undefined };

/**
 * Returns the App of the current lifeboat.yaml. When the configuration is an object of a bucket,
 * each call looks for a newer version of it, so that a changed configuration reaches a running
 * instance without a deployment. A version that cannot be read or is invalid is logged, and the last
 * valid one stays in use: a backup with yesterday's settings is better than none. Rejects only
 * before a first valid configuration, and the next call tries again.
 */
export function createCurrentApp(options: CurrentOptions): () => Promise<App> {
  let current: Current | undefined;
  let presentGeneration: ReturnType<typeof configurationVersions> | undefined;
  let opening: Promise<App> | undefined;
  return () =>
    (opening ??= refresh().finally(() => {
      opening = undefined;
    }));

  async function refresh(): Promise<App> {
    if (!current) return (current = await openConfiguredApp(options)).app;
    try {
      presentGeneration ??= configurationVersions(options);
      const generation = await presentGeneration();
      if (generation !== current.generation) {
        current = await openConfiguredApp(options);
        options.log('INFO', `reading version ${generation} of lifeboat.yaml from now on`, {
          event: 'configuration',
        });
      }
    } catch (cause) {
      reportStale(options.log, cause);
    }
    return current.app;
  }
}

function reportStale(log: Log, cause: unknown): void {
  const { code, message, hint } = toLifeboatError(cause);
  log(
    code === 'store_unreachable' ? 'WARNING' : 'ERROR',
    `using the last valid lifeboat.yaml: ${message}`,
    { event: 'configuration', code, hint, cause },
  );
}
