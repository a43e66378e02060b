import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names a process in files that outlive it, so that another process can see whether it ended. */
export type ProcessIdentity = {
  readonly pid: number;
  /** In clock ticks since the machine started; `0` where it is unknown. */
  readonly startTime: string;
  /** 8 hex digits: the boot of the machine and the container within which the pid is unique. */
  readonly scope: string;
};

const IDENTITY = /^(\d{1,10})-(\d{1,20})-([0-9a-f]{8})$/;

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: startTimeOf('self'), scope: ownScope() };
}

/** `1234-567890-0a1b2c3d`, a part of file names. */
export function formatIdentity({ pid, startTime, scope }: ProcessIdentity): string {
  return `${pid}-${startTime}-${scope}`;
}

export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [, pid, startTime, scope] = IDENTITY.exec(text) ?? [];
  return pid !== undefined && startTime !== undefined && scope !== undefined
    ? { pid: Number(pid), startTime, scope }
    : undefined;
}

/**
 * `unknown` for a process of another container or machine, or from before the last boot: its pid
 * means nothing here. Also where a process with this pid runs, but /proc does not tell whether it
 * is still the same one: it is absent, or hides the processes of other users. On Linux without
 * /proc, no process is known to have ended: another container may have the same host name.
 */
export function processState(identity: ProcessIdentity): 'running' | 'ended' | 'unknown' {
  if (identity.scope !== ownScope() || !isScopeKnown()) return 'unknown';
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs as another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return 'ended';
  }
  // Pids are used again; the start time distinguishes the process from a former one.
  const current = isProcOurs() ? startTimeOf(String(identity.pid)) : '0';
  if (identity.startTime === '0' || current === '0') return 'unknown';
  return current === identity.startTime ? 'running' : 'ended';
}

function startTimeOf(pid: string): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in parentheses and may contain blanks.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}

/** Whether /proc shows our pid namespace; in a new one it may still be that of the parent. */
function isProcOurs(): boolean {
  return textOr('', () => readlinkSync('/proc/self')) === String(process.pid);
}

function isScopeKnown(): boolean {
  return process.platform !== 'linux' || pidNamespace() !== '';
}

function pidNamespace(): string {
  return textOr('', () => readlinkSync('/proc/self/ns/pid'));
}

function ownScope(): string {
  const boot = textOr(hostname(), () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  return createHash('sha256').update(`${boot}\n${pidNamespace()}`).digest('hex').slice(0, 8);
}

function textOr(fallback: string, read: () => string): string {
  try {
    return read();
  } catch {
    return fallback;
  }
}
