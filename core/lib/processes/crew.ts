import { Worker } from 'node:worker_threads';
import { LifeboatError } from '../errors.ts';

/** What a thread is sent, and what it must send back. */
export type CrewRequest<Job> = { readonly id: number; readonly job: Job };
export type CrewReply<Reply> = { readonly id: number; readonly reply: Reply };

export type CrewOptions = {
  readonly threads: number;
  /** The `workerData` of each thread. */
  readonly input?: unknown;
};

/** A few threads of one module. */
export type Crew<Job, Reply> = {
  /** Gives a job to the thread with the fewest. The buffers in `transfer` are moved to it. */
  run(job: Job, transfer?: ArrayBuffer[]): Promise<Reply>;
  /** Ends the threads; resolves when none of them runs any more. */
  end(): Promise<void>;
};

type Waiting<Reply> = { resolve(reply: Reply): void; reject(error: unknown): void };
type Member<Reply> = { readonly worker: Worker; readonly waiting: Map<number, Waiting<Reply>> };

/**
 * Threads that start with the first job. When one ends, the jobs that wait for it and all later
 * ones are rejected.
 */
export function createCrew<Job, Reply>(
  module: URL,
  { threads, input }: CrewOptions,
): Crew<Job, Reply> {
  const members: Member<Reply>[] = [];
  let jobs = 0;
  // A job that is given to a thread that has ended would be waited for forever.
  let failure: LifeboatError | undefined;
  const fail = (waiting: Member<Reply>['waiting'], cause?: unknown): void => {
    const error = threadEnded(cause);
    failure ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const hire = (): Member<Reply> => {
    const waiting: Member<Reply>['waiting'] = new Map();
    const worker = new Worker(module, { workerData: input, stdout: true, stderr: true });
    worker.on('message', ({ id, reply }: CrewReply<Reply>) => {
      const job = waiting.get(id);
      waiting.delete(id);
      job?.resolve(reply);
    });
    worker.on('error', (error) => fail(waiting, error));
    worker.on('messageerror', (error) => fail(waiting, error));
    worker.on('exit', () => fail(waiting));
    return { worker, waiting };
  };
  return {
    run: (job, transfer = []) => {
      if (failure) throw failure;
      while (members.length < threads) members.push(hire());
      const { worker, waiting } = members.reduce((a, b) =>
        b.waiting.size < a.waiting.size ? b : a,
      );
      jobs += 1;
      const id = jobs;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, job } satisfies CrewRequest<Job>, transfer);
      });
    },
    end: async () => {
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}

function threadEnded(cause: unknown): LifeboatError {
  return new LifeboatError(
    'internal',
    'a worker thread ended',
    'It may have run out of memory. Free some memory, then run the command again.',
    { cause },
  );
}
