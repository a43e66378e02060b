import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdle, type Idle } from '../../lib/idle.ts';
import { refuseHeaderFault } from '../file-header.ts';
import { silence } from '../patience.ts';
import type { Pulled, PullOptions } from '../source.ts';
import { attemptScript, type Host, type RunningScript } from './attempt.ts';
import { headerFailure } from './failures.ts';
import type { ScriptReport } from './report.ts';
import { receiveCopy } from './transfer.ts';

/**
 * Pulls the database in one attempt, which fails when the host is silent for `idleMs`. A failed
 * attempt leaves no file.
 */
export async function pullOnce(host: Host, pull: PullOptions, idleMs: number): Promise<Pulled> {
  const { directory, signal, onProgress, busyTimeoutMs, limit } = pull;
  const target = join(directory, 'pulled.sqlite3');
  const startedAt = host.now();
  let phase: 'copying' | 'sending' | 'complete' = 'copying';
  let idle: Idle | undefined;
  const onWord = (word: string, { copied = 0, size }: ScriptReport): void => {
    // The host counts its copy as long as the script runs; while bytes should arrive, that is no
    // sign that they do.
    if (word !== 'copied' || phase !== 'sending') idle?.alive();
    if (word === 'copied' && phase === 'copying' && size !== undefined)
      onProgress?.(Math.min(copied, size) / 2, size);
  };
  const onBytes = (received: number, total: number): void => {
    phase = received === total ? 'complete' : 'sending';
    // The first half of the progress was the copy on the host.
    onProgress?.((total + received) / 2, total);
  };
  const receive = async ({ session, mark, fail }: RunningScript): Promise<Pulled | undefined> => {
    const error = () => silence(host.address.host, idleMs);
    const watchdog = (idle = createIdle({ ms: idleMs, error }));
    watchdog.signal.addEventListener('abort', () => fail(error()), { once: true });
    const copy = await receiveCopy({ session, mark, target, limit, onBytes });
    if (!copy) return undefined;
    const { report } = session;
    const failure = report.quiet ? headerFailure(report) : undefined;
    if (failure) throw failure;
    await refuseHeaderFault(target, copy.size);
    return {
      path: target,
      size: copy.size,
      takenAt: report.begunAt ?? startedAt,
      method: 'backup',
      holds: () => true,
    };
  };
  const listeners = { onWord, onBytes: () => idle?.alive() };
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
    idle?.end();
  }
}
