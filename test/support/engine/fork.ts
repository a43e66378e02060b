import type { ChildProcess, fork as Fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';

const ENGINE = /\/core\/sqlite\/[a-z]+-child\.ts$/;

/** A `fork` whose children of `core/sqlite` share processes; each process serves one request at a time. */
export function sharedFork(fork: typeof Fork): typeof Fork {
  const idle: ChildProcess[] = [];
  const start = (): ChildProcess => {
    const child = fork(fileURLToPath(new URL('process.ts', import.meta.url)), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    // A process that died while idle cannot be used again.
    child.on('exit', () => idle.includes(child) && idle.splice(idle.indexOf(child), 1));
    return child;
  };
  const shared = (module: string | URL, ...rest: [never]): ChildProcess => {
    if (!ENGINE.test(String(module))) return fork(module, ...rest);
    const child = idle.pop() ?? start();
    return new Lease(child, String(module), () => idle.push(child)) as unknown as ChildProcess;
  };
  return shared as typeof Fork;
}

/** A shared process during one request. Its user sees a child process that ends after its response. */
class Lease extends EventEmitter {
  readonly connected = true;
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #giveBack: () => void;
  #over = false;

  constructor(child: ChildProcess, url: string, giveBack: () => void) {
    super();
    this.#child = child;
    this.#url = url;
    this.#giveBack = giveBack;
    child.on('message', this.#forward).on('exit', this.#end);
  }

  send(input: unknown): void {
    this.#child.send({ url: this.#url, input });
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#over) this.#child.kill(signal);
  }

  readonly #forward = (message: object): void => {
    this.emit('message', message);
    if ('part' in message) return;
    this.#giveBack();
    this.#end(0, null);
  };

  readonly #end = (status: number | null, signal: NodeJS.Signals | null): void => {
    this.#over = true;
    this.#child.off('message', this.#forward).off('exit', this.#end);
    this.emit('exit', status, signal);
    this.emit('close', status, signal);
  };
}
