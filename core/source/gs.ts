import type { ObjectReader, ObjectState } from '../google/objects.ts';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCrc32c } from '../lib/crc32c.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { headerFault } from '../sqlite/header.ts';
import { takeSnapshot } from '../sqlite/snapshot.ts';
import { Passing, PATIENCE, persist, within, type Patience } from './passing.ts';
import { receive } from './receive.ts';
import type { Pulled, PullOptions, Source } from './source.ts';

export type GsOptions = {
  readonly bucket: string;
  readonly object: string;
  readonly reader: ObjectReader;
  readonly patience?: Partial<Patience>;
  readonly now?: () => Date;
};

const SUFFIXES = ['', '-wal', '-journal'] as const;
type Suffix = (typeof SUFFIXES)[number];
type Found = ReadonlyMap<Suffix, ObjectState>;

const ROUNDS = 5;
class Moved extends LifeboatError {}

/** A database file in a bucket, with the `-wal` or `-journal` that was uploaded beside it. */
export function createGsSource({
  bucket,
  object,
  reader,
  patience: asked,
  now = () => new Date(),
}: GsOptions): Source {
  const url = `gs://${bucket}/${object}`;
  const patience = { ...PATIENCE, ...asked };

  const statOne = (name: string, signal?: AbortSignal): Promise<ObjectState | undefined> => {
    const stop = new AbortController();
    return within(
      guard(reader.stat(name, stop.signal), url),
      patience.idleMs,
      () => stop.abort(),
      signal,
    );
  };

  const look = async (signal?: AbortSignal): Promise<Found> => {
    const states = await Promise.all(
      SUFFIXES.map((suffix) =>
        persist(() => statOne(`${object}${suffix}`, signal), patience, signal),
      ),
    );
    return new Map(
      SUFFIXES.flatMap((suffix, n) => (states[n] ? [[suffix, states[n]] as const] : [])),
    );
  };

  const fetchOne = async (
    suffix: Suffix,
    state: ObjectState,
    target: string,
    options: PullOptions,
    before: number,
    total: number,
  ) => {
    for (let damaged = 0; ; damaged += 1) {
      let crc = await createCrc32c();
      await receive({
        target,
        patience,
        signal: options.signal,
        onStart: async () => void (crc = await createCrc32c()),
        onChunk: (chunk) => crc.update(chunk),
        onProgress: (done) => options.onProgress?.(before + done, total),
        open: async (offset, signal) => ({
          from: offset,
          total: state.size,
          body: (async function* () {
            try {
              yield* reader.read(`${object}${suffix}`, state.generation, offset, signal);
            } catch (error) {
              throw translate(error, url);
            }
          })(),
        }),
      });
      const arrived = crc.hex();
      if (arrived === state.crc32c) return;
      await rm(target, { force: true });
      if (damaged > 0)
        throw new LifeboatError(
          'source_unreachable',
          `${url}${suffix} arrived with CRC32C ${arrived} and not ${state.crc32c}, twice`,
          'Something between here and the bucket alters the data; run it again from another network.',
        );
    }
  };

  /** `undefined` when the objects changed meanwhile. */
  const round = async (
    found: Found,
    options: PullOptions,
  ): Promise<Omit<Pulled, 'takenAt' | 'version'> | undefined> => {
    const copy = join(options.directory, 'pulled.sqlite3');
    const total = [...found.values()].reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    let kept = false;
    try {
      for (const [suffix, state] of found) {
        await fetchOne(suffix, state, `${copy}${suffix}`, options, before, total);
        before += state.size;
      }
      if (nameOf(await look(options.signal)) !== nameOf(found)) return undefined;
      const { size } = found.get('') ?? { size: 0 };
      if (found.size === 1) {
        await refuseFault(copy, size);
        kept = true;
        return { path: copy, size, method: 'pulled', holds: () => true };
      }
      // The engine finishes what the siblings hold: a -wal is applied, a hot -journal rolled back.
      const { known: _, inPlace: __, onProgress: ___, ...plain } = options;
      const { path, size: recovered, holds } = await takeSnapshot(copy, plain);
      return { path, size: recovered, method: 'recovered', holds };
    } catch (error) {
      if (error instanceof Moved) return undefined;
      throw error;
    } finally {
      if (!kept)
        for (const suffix of [...SUFFIXES, '-shm']) await rm(`${copy}${suffix}`, { force: true });
    }
  };

  return {
    url,
    measure: async (signal) => {
      const found = await look(signal);
      const total = [...found.values()].reduce((sum, { size }) => sum + size, 0);
      if (!found.has('')) return undefined;
      // With a sibling: what was pulled, the copy that the engine recovers, and the snapshot, which
      // may grow by what the -wal holds.
      return found.size === 1 ? total : 3 * total;
    },
    pull: async (options) => {
      for (let n = 0; n < ROUNDS; n += 1) {
        const takenAt = now();
        const found = await look(options.signal);
        const version = nameOf(found);
        if (!found.has(''))
          throw new LifeboatError(
            'source_unreachable',
            `there is no object ${url}`,
            'Check the name; if it is right, give the identity that runs Lifeboat the right to read it.',
          );
        if (version === options.known) return 'unchanged';
        const pulled = await round(found, options);
        if (pulled) return { ...pulled, takenAt, version };
      }
      throw new LifeboatError(
        'source_busy',
        `${url} was replaced during each of ${ROUNDS} attempts`,
        'Upload it less often, or run the backup when no upload runs.',
      );
    },
  };
}

async function guard<T>(work: Promise<T>, url: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw translate(error, url);
  }
}

function translate(error: unknown, url: string): unknown {
  const failure = toLifeboatError(error);
  if (failure.code === 'not_found')
    return new Moved('source_busy', `${url} was replaced meanwhile`, 'Run it again.', {
      cause: error,
    });
  if (failure.code === 'store_denied')
    return new LifeboatError('source_unreachable', failure.message, failure.hint, { cause: error });
  if (
    ['source_unreachable', 'store_unreachable'].includes(failure.code) ||
    !(error instanceof LifeboatError)
  )
    return new Passing(
      new LifeboatError(
        'source_unreachable',
        `${url} cannot be read: ${failure.message}`,
        error instanceof LifeboatError
          ? failure.hint
          : 'Check the network and the state of Google Cloud Storage, then run it again.',
        { cause: error },
      ),
    );
  return failure;
}

/** What these generations are called together; it changes whenever one of the objects does. */
function nameOf(found: Found): string {
  return SUFFIXES.flatMap((suffix) => {
    const state = found.get(suffix);
    return state ? [`${suffix.slice(1) || 'main'}=${state.generation}`] : [];
  }).join(' ');
}

async function refuseFault(path: string, size: number): Promise<void> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  const fault = headerFault(buffer.subarray(0, bytesRead), size);
  if (fault) throw new LifeboatError(fault.code, fault.message, fault.hint);
}
