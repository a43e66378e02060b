import { collect } from '../lib/bytes.ts';
import type { Store } from '../store/store.ts';

/** Where the memory of one database is kept. `token` is what `swap` compares; both may throw LifeboatError. */
export type MemoryPort = {
  read(): Promise<{ readonly memory: unknown; readonly token: unknown }>;
  /** False when somebody else wrote since `token` was read. */
  swap(memory: unknown, token: unknown): Promise<boolean>;
};

const FIELD = 'told';

/** Keeps what was told in the field `told` of `state/<database>.json`, and leaves every other field as it is. */
export function createToldMemory(store: Store, database: string): MemoryPort {
  const key = `state/${database}.json`;
  return {
    read: async () => {
      // The generation first: a content that is newer than it makes the swap fail, and never the other way round.
      const object = await store.stat(key);
      const state = parsed(object ? (await collect(store.read(key))).toString('utf8') : '');
      return { memory: state[FIELD], token: { generation: object?.generation, state } };
    },
    swap: (memory, token) => {
      const { generation, state } = token as {
        generation: string | undefined;
        state: Record<string, unknown>;
      };
      return store.replace(
        key,
        Buffer.from(`${JSON.stringify({ ...state, [FIELD]: memory })}\n`),
        generation,
      );
    },
  };
}

/** A state that is no JSON object is as none: all of it can be made again from manifests and runs. */
function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
