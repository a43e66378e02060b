import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Measured } from './results.ts';

/** One program run, as a person would start it. */
export type Step = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Linux tells times of processes in hundredths of a second, whatever its kernel counts in. */
const TICKS = 100;
// Looking costs the measured a little, so it is not done more often.
const SAMPLE_MS = 100;
/** By how much more than ever before must be resident to be looked at closely. */
const MORE = 1.01;

const running = new Set<number>();

/** Ends what is being measured, with all that it started. */
export function killRunning(): void {
  for (const pid of running) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}

/** Runs it to its end; throws when it fails. The answer is what it printed. */
export async function run(
  { command, args, cwd, env }: Step,
  onStart: (pid: number) => void = () => undefined,
): Promise<string> {
  // A session of its own, so that its processes can be told from all others, and be ended together.
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  if (pid !== undefined) {
    running.add(pid);
    onStart(pid);
  }
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0)
      throw new Error(
        `${command} ${args.join(' ')} ended with status ${String(status)}: ${`${err}${out}`.slice(-2000)}`,
      );
    return out;
  } finally {
    if (pid !== undefined) running.delete(pid);
  }
}

/** Runs it and measures the whole tree of its processes. */
export async function measure(step: Step): Promise<Measured> {
  let memory = 0;
  let timer: NodeJS.Timeout | undefined;
  const spent = spentByChildren();
  const began = performance.now();
  try {
    await run(step, (pid) => {
      const resident = watchMemory(pid);
      timer = setInterval(() => (memory = Math.max(memory, resident())), SAMPLE_MS);
    });
    const wall = (performance.now() - began) / 1000;
    return { wall, cpu: spentByChildren() - spent, memory };
  } finally {
    clearInterval(timer);
  }
}

/** Processor seconds, user and system, of all descendants that have ended and were waited for. */
function spentByChildren(): number {
  const own = fields('self');
  return (Number(own[13]) + Number(own[14])) / TICKS;
}

/**
 * The fields of /proc/<pid>/stat behind the name, which may hold blanks itself. proc(5): field 3 is
 * the first here.
 */
function fields(pid: string | number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended between the look at the folder and the look into it.
    return '';
  }
}

/**
 * Tells the resident bytes of all processes of a session; a page that several of them share counts
 * once (Pss). For that the kernel walks all pages, and holds up whoever needs new ones meanwhile:
 * every tenth of a second it made a backup a fifth slower. So it is asked only when more is
 * resident than ever before.
 */
function watchMemory(session: number): () => number {
  // A process never enters a session that it was not born into, so who is a stranger once need not
  // be asked again.
  const strangers = new Set<string>();
  let most = 0;
  return () => {
    const members = readdirSync('/proc').filter((pid) => {
      if (strangers.has(pid)) return false;
      const own = fields(pid)[3] === String(session);
      if (!own) strangers.add(pid);
      return own;
    });
    const resident = members.reduce((sum, pid) => sum + residentPages(pid), 0);
    if (resident <= most * MORE) return 0;
    most = resident;
    return members.reduce((sum, pid) => sum + sharedBytes(pid), 0);
  };
}

/** Pages resident in a process, as the kernel counts them along: proc(5), statm. */
function residentPages(pid: string): number {
  return Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0);
}

function sharedBytes(pid: string): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024;
}
