import { LifeboatError } from '../../lib/errors.ts';
import { HOUR_MS, SECOND_MS } from '../../lib/text/time.ts';
import { MIB } from '../../lib/text/units.ts';
import { silence } from '../patience.ts';
import { ENGLISH, formatTook } from '../../lib/text/format.ts';

export type WatchdogOptions = {
  readonly host: string;
  /** How long the host may send nothing while bytes should arrive, ms. */
  readonly idleMs: number;
  /** How long the host may wait for a busy database, ms. */
  readonly busyMs: number;
  readonly fail: (reason: LifeboatError) => void;
};

/** Ends a transfer that makes no progress. Signs of life without progress do not count. */
export type Watchdog = {
  /** The host says how large the database is, and how much of it is copied there, bytes. */
  onCopying(size: number, copied: number): void;
  /** The host begins to send so many bytes, before they are packed. */
  onSending(size: number): void;
  /** Packed bytes arrived. */
  onBytes(count: number): void;
  /** The whole copy has arrived; the host may still be computing its checksum. */
  onComplete(): void;
  end(): void;
};

/** The slowest disk or processor that a host may have, per second. */
const SLOWEST_BYTES = 10 * MIB;
const MOST_WORK_MS = HOUR_MS;
// What packing may add to a copy that cannot be compressed.
const MOST_PACKED_SHARE = 1.02;
const MOST_PACKED_EXTRA = 64 * 1024;

/** Begins to watch at once. */
export function createWatchdog({ host, idleMs, busyMs, fail }: WatchdogOptions): Watchdog {
  let patienceMs = idleMs;
  let isWorking = false;
  let timer = setTimeout(bark, patienceMs);
  let [total, copied, packed] = [0, 0, 0];
  let isSending = false;
  return {
    onCopying: (size, now) => {
      if (isSending || (total > 0 && now <= copied)) return;
      total = size;
      copied = Math.max(copied, now);
      isWorking = true;
      wait(idleMs + 2 * busyMs + workMs(size));
    },
    onSending: (size) => {
      isSending = true;
      isWorking = false;
      total = size;
      wait(idleMs);
    },
    onBytes: (count) => {
      packed += count;
      if (isSending && packed <= total * MOST_PACKED_SHARE + MOST_PACKED_EXTRA) timer.refresh();
    },
    onComplete: () => {
      isWorking = true;
      wait(idleMs + workMs(total));
    },
    end: () => clearTimeout(timer),
  };

  function wait(ms: number): void {
    clearTimeout(timer);
    patienceMs = ms;
    timer = setTimeout(bark, ms);
  }

  function bark(): void {
    fail(isWorking ? noProgress(host, patienceMs) : silence(host, patienceMs));
  }
}

function noProgress(host: string, ms: number): LifeboatError {
  return new LifeboatError(
    'source_unreachable',
    `${host} made no progress with its copy for ${formatTook(ENGLISH, ms)}`,
    `Check the load and the disks of ${host}, then run the backup again.`,
    { transient: true },
  );
}

/** How long a host may work on its copy without a number that grows: a file system flushes, a checksum is computed. */
function workMs(size: number): number {
  return Math.min(MOST_WORK_MS, (size / SLOWEST_BYTES) * SECOND_MS);
}
