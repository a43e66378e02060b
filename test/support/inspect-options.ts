import type { InspectOptions } from '../../core/sqlite/types.ts';

/** A full inspection by both engines. */
export const INSPECT_OPTIONS: InspectOptions = {
  isPrivate: true,
  integrity: 'full',
  sandboxLimit: 2 ** 30,
  timeoutMs: 60_000,
  allowEmpty: false,
  foreignKeys: 'warn',
  assertions: [],
};
