import { createCrc32c } from '../../core/lib/crc32c.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { ObjectReader } from '../../core/google/objects.ts';

type Entry = { readonly body: Buffer; readonly generation: string; readonly crc32c: string };
const CHUNK = 16 * 1024;

/** A fake: the objects of one bucket in memory, with faults that are asked for. Only the newest generation of each exists. */
export class MemoryObjects implements ObjectReader {
  readonly entries = new Map<string, Entry>();
  /** Runs before each call, and may throw or change the objects. */
  before: (call: 'stat' | 'read', object: string, from: number) => void | Promise<void> = () =>
    undefined;
  /** What becomes of each piece on its way. */
  piece: (bytes: Buffer, at: number) => Buffer | Promise<Buffer> = (bytes) => bytes;
  #generation = 1_700_000_000_000_000;

  async put(object: string, body: Buffer): Promise<void> {
    const crc = await createCrc32c();
    crc.update(body);
    this.#generation += 1;
    this.entries.set(object, { body, generation: String(this.#generation), crc32c: crc.hex() });
  }

  async stat(object: string) {
    await this.before('stat', object, 0);
    const entry = this.entries.get(object);
    return entry && { generation: entry.generation, size: entry.body.length, crc32c: entry.crc32c };
  }

  async *read(object: string, generation: string, from: number): AsyncGenerator<Uint8Array> {
    await this.before('read', object, from);
    const entry = this.entries.get(object);
    if (entry?.generation !== generation)
      throw new LifeboatError('not_found', `no object ${object}#${generation}`, 'It is a fake.');
    for (let at = from; at < entry.body.length; at += CHUNK)
      yield this.piece(entry.body.subarray(at, at + CHUNK), at);
  }
}
