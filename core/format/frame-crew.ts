import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createCrew, type CrewReply, type CrewRequest } from '../lib/processes/crew.ts';
import { AHEAD, FRAME_SIZE } from './frames.ts';

/** Work on one stored frame. It must not keep the frame's bytes. */
export type FrameWork<Task, Reply> = (frame: Uint8Array, task: Task) => Reply;

export type FrameCrew<Task, Reply> = AsyncDisposable & {
  /**
   * Does the work on a frame. Before the call number n, the reply to the call n - AHEAD must have
   * been awaited, whose memory this one takes.
   */
  run(frame: Uint8Array, task: Task): Promise<Reply>;
};

type FrameJob<Task> = { readonly at: number; readonly length: number; readonly task: Task };
type Slots = { readonly slots: SharedArrayBuffer };

/** The first frames are done by this thread: starting others would take longer than the work. */
const FEW_FRAMES = 4;
/** More than the longest frame that is accepted as one. */
const SLOT_SIZE = 2 * FRAME_SIZE + 64;

/**
 * Threads that work on stored frames, which they are given in shared memory: their content never
 * travels between threads. `module` must call `serveFrames` with the same work. The caller disposes
 * of it, and no thread runs after that.
 */
export function createFrameCrew<Task, Reply>(
  module: URL,
  work: FrameWork<Task, Reply>,
): FrameCrew<Task, Reply> {
  let threads: ReturnType<typeof startThreads<Task, Reply>> | undefined;
  let frames = 0;
  return {
    run: async (frame, task) => {
      frames += 1;
      if (frames <= FEW_FRAMES) return work(frame, task);
      threads ??= startThreads(module);
      const at = (frames % AHEAD) * SLOT_SIZE;
      new Uint8Array(threads.slots, at, frame.length).set(frame);
      return threads.crew.run({ at, length: frame.length, task });
    },
    [Symbol.asyncDispose]: async () => threads?.crew.end(),
  };
}

/** The slots take tens of MiB, which a small database does without. */
function startThreads<Task, Reply>(module: URL) {
  const slots = new SharedArrayBuffer(AHEAD * SLOT_SIZE);
  const crew = createCrew<FrameJob<Task>, Reply>(module, {
    threads: Math.min(AHEAD, availableParallelism()),
    input: { slots } satisfies Slots,
  });
  return { slots, crew };
}

/** The other side, in a thread. */
export function serveFrames<Task, Reply>(work: FrameWork<Task, Reply>): void {
  const { slots } = workerData as Slots;
  parentPort?.on('message', ({ id, job }: CrewRequest<FrameJob<Task>>) => {
    const reply = work(new Uint8Array(slots, job.at, job.length), job.task);
    parentPort?.postMessage({ id, reply } satisfies CrewReply<Reply>);
  });
}
