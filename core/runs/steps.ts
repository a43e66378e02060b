import type { Progress } from '../lib/progress.ts';

export type StepName =
  | 'before'
  | 'health'
  | 'space'
  | 'snapshot'
  | 'inspect'
  | 'judge'
  | 'write'
  | 'commit'
  | 'copy'
  | 'after';
export type Position = {
  readonly step: StepName;
  readonly done: number;
  readonly total: number;
  readonly ms: number;
};

/**
 * The position of a run and the duration of each step, for log events, notifications and deadline
 * errors.
 */
export type Steps = {
  /** Runs one step. The first step that fails is the one that the run failed at. */
  run<T>(step: StepName, work: () => Promise<T>): Promise<T>;
  /** Reports how many of its bytes a step has done. */
  readonly progress: (step: StepName, label: string) => (done: number, total: number) => void;
  /** The latest step that made progress. */
  position(): Position | undefined;
  failed(): StepName | undefined;
  durations(): Partial<Record<StepName, number>>;
};

/** `clock` counts milliseconds and never goes backwards. */
export function createSteps(clock: () => number, onProgress?: Progress): Steps {
  const began = new Map<StepName, number>();
  const took = new Map<StepName, number>();
  let position: Omit<Position, 'ms'> | undefined;
  let failure: StepName | undefined;
  return {
    run: async (step, work) => {
      began.set(step, clock());
      position = { step, done: 0, total: 0 };
      try {
        return await work();
      } catch (error) {
        failure ??= step;
        throw error;
      } finally {
        took.set(step, (took.get(step) ?? 0) + clock() - (began.get(step) ?? clock()));
      }
    },
    progress: (step, label) => (done, total) => {
      position = { step, done, total };
      onProgress?.(label, done, total);
    },
    position: () =>
      position && { ...position, ms: clock() - (began.get(position.step) ?? clock()) },
    failed: () => failure,
    durations: () => Object.fromEntries([...took].map(([step, ms]) => [step, Math.round(ms)])),
  };
}
