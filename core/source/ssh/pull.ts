import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseHeaderFault } from '../file-header.ts';
import type { Pulled, PullOptions } from '../source.ts';
import { formatSsh } from './address.ts';
import { attemptScript, SSH_BUSY_TIMEOUT_MS, type Host, type RunningScript } from './attempt.ts';
import { headerFailure } from './failures.ts';
import type { ScriptReport } from './report.ts';
import { receiveCopy } from './transfer.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

/**
 * Pulls the database in one attempt, which fails when nothing arrives for `idleMs`, or the host does
 * not get on with its copy. A failed attempt leaves no file.
 */
export async function pullOnce(host: Host, pull: PullOptions, idleMs: number): Promise<Pulled> {
  const { directory, signal, onProgress, limit, busyTimeoutMs = SSH_BUSY_TIMEOUT_MS } = pull;
  const target = join(directory, 'pulled.sqlite3');
  const startedAt = host.now();
  let watchdog: Watchdog | undefined;
  let isSending = false;
  const onWord = (_: string, { copied = 0, size }: ScriptReport): void => {
    if (size === undefined) return;
    watchdog?.onCopying(size, copied);
    if (!isSending) onProgress?.(Math.min(copied, size) / 2, size);
  };
  const onReceived = (received: number, total: number): void => {
    if (!isSending) watchdog?.onSending(total);
    if (received === total) watchdog?.onComplete();
    isSending = true;
    // The first half of the progress was the copy on the host.
    onProgress?.((total + received) / 2, total);
  };
  const receive = async ({ session, mark, fail }: RunningScript): Promise<Pulled | undefined> => {
    const { host: name } = host.address;
    watchdog = createWatchdog({ host: name, idleMs, busyMs: busyTimeoutMs, fail });
    const copy = await receiveCopy({ session, mark, target, limit, onReceived });
    if (!copy) return undefined;
    const { report } = session;
    const failure = report.quiet ? headerFailure(report, host.address) : undefined;
    if (failure) throw failure;
    await refuseHeaderFault(target, copy.size, formatSsh(host.address));
    return {
      path: target,
      size: copy.size,
      takenAt: report.begunAt ?? startedAt,
      method: 'backup',
      holds: () => true,
    };
  };
  const listeners = { onWord, onBytes: (count: number) => watchdog?.onBytes(count) };
  try {
    return await attemptScript(
      host,
      { mode: 'pull', busyTimeoutMs, signal, ...listeners },
      receive,
    );
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    watchdog?.end();
  }
}
