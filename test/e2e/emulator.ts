import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, realpathSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const JAR = join('platform', 'pubsub-emulator', 'lib', 'cloud-pubsub-emulator-*-all.jar');

/** The emulator's jar inside the Google Cloud SDK of the `gcloud` in PATH; `undefined` when there is none. */
export const emulatorJar = (): string | undefined => {
  const named = process.env['LIFEBOAT_TEST_PUBSUB_JAR'];
  if (named) return named;
  const gcloud = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'gcloud'))
    .find((path) => existsSync(path));
  if (!gcloud) return undefined;
  return globSync(join(dirname(dirname(realpathSync(gcloud))), JAR))[0];
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** Starts Google's Pub/Sub emulator on a local port. */
export const startEmulator = async (
  jar: string,
): Promise<{ host: string; stop: () => Promise<void> }> => {
  const port = await freePort();
  const child = spawn('java', ['-jar', jar, '--host=127.0.0.1', `--port=${port}`], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const host = `127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    if (child.exitCode !== null || tries > 300)
      throw new Error('the Pub/Sub emulator did not start; it needs Java');
    const answer = await fetch(`http://${host}/`).catch(() => undefined);
    if (answer) break;
    await sleep(200);
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { host, stop };
};
