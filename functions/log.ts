import type { Log } from '../core/operations/context.ts';

/** One JSON object a line, as Cloud Logging lifts it. */
export const createLog =
  (write: (line: string) => void): Log =>
  (severity, message, fields = {}) =>
    write(`${JSON.stringify({ severity, message, time: new Date().toISOString(), ...fields })}\n`);
