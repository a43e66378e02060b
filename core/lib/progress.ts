/**
 * Reports how far a step of an operation is; `done` and `total` in the unit of the step, mostly
 * bytes.
 */
export type Progress = (step: string, done: number, total: number) => void;
