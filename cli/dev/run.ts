import { findConfig } from '../../core/config/find.ts';
import { startSample } from '../../demo/sample.ts';
import { runSystem, type SystemOptions } from '../serve/system.ts';
import { showTour } from './tour.ts';

export type DevOptions = Pick<SystemOptions, 'cwd' | 'env' | 'store' | 'signal' | 'onLine'> & {
  readonly config: string | undefined;
  readonly port: number;
  readonly say: (text: string) => void;
};

/**
 * Runs the whole system on this machine until the signal aborts. Creates a sample shop when there is
 * no configuration, and shows what Lifeboat does on it.
 */
export async function runDev({ config, port, say, ...options }: DevOptions): Promise<void> {
  const { cwd, env, signal } = options;
  const configPath = await findConfig({ configPath: config, cwd, env });
  if (configPath === undefined)
    say(
      'There is no lifeboat.yaml here, so this creates a sample shop and keeps placing orders in it.\n',
    );
  const sample = configPath === undefined ? await startSample(cwd) : undefined;
  const path = configPath ?? sample?.config ?? '';
  try {
    await runSystem({
      ...options,
      config: path,
      listen: { host: '127.0.0.1', port, token: undefined },
      onReady: async (url, app) => {
        if (sample) await showTour(url, app, sample, say);
        if (!signal.aborted) say(startText(url, Object.keys(app.config.databases), path));
      },
      onStop: () => say('Stopping. Running backups have a few seconds to finish …\n'),
    });
  } finally {
    await sample?.stop();
  }
  if (sample) say(`The sample shop is in ${sample.folder}; you can delete it.\n`);
}

function startText(url: string, names: readonly string[], config: string): string {
  const name = names[0] ?? 'shop';
  return `
Lifeboat is running, on this machine only. Press Ctrl-C to stop.
  status page          ${url}/status
  back up now          curl --json '{"database": "${name}"}' ${url}/backup-now
  with progress        curl -N --json '{"database": "${name}"}' -H 'accept: application/x-ndjson' ${url}/backup-now
  from another shell   npx --no-install lifeboat --config ${config} list
                       npx --no-install lifeboat --config ${config} verify ${name} --read-data
`;
}
