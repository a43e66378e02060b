// The port behind which backups are stored, with every promise that the catalog relies on. The same
// contract tests run against the folder store, the bucket store and the fake. Imports documents and
// lib.
import type { BucketFacts } from '../documents/bucket.ts';

/**
 * An object as its store describes it. `crc32c` is 8 lower-case hex digits; undefined when the
 * store does not know it.
 */
export type StoredObject = {
  readonly key: string;
  readonly size: number;
  readonly crc32c?: string | undefined;
  readonly md5?: string | undefined;
  /** From this moment the store may delete the object, unless it is held. Absent: never. */
  readonly expires?: Date | undefined;
  readonly held: boolean;
  /**
   * The store cannot read its own record of checksum, expiry and hold. The object is kept for ever.
   */
  readonly metadataDamaged?: boolean;
  /**
   * When the content was written, by the clock of the store; absent where that is the clock of this
   * machine.
   */
  readonly written?: Date;
  /** Changes whenever the content does; the token for `replace`. */
  readonly generation: string;
};

/**
 * A piece is valid until the next one is requested: a store that needs it longer copies it
 * (docs/decisions/compression.md).
 */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Where backups are stored. Keys are relative paths of plain segments (letters, digits, `.`, `_`, `-`),
 * separated by `/`. Failures are LifeboatErrors: `store_unreachable`, `store_denied`,
 * `insufficient_space`.
 */
export interface Store {
  /** A folder, or gs://bucket/prefix. */
  readonly url: string;
  /**
   * Creates an object. If it exists already, changes nothing, stops reading the body and returns
   * `undefined`. Atomic and durable: the object is visible whole or not at all, and once this
   * resolves it survives a power cut. The result has the CRC32C of the body.
   */
  create(key: string, body: Body, options?: { expires?: Date }): Promise<StoredObject | undefined>;
  /** `undefined` when there is no such object. */
  stat(key: string): Promise<StoredObject | undefined>;
  /** The content, in pieces that are valid until the next one is requested. Throws `not_found` when absent. */
  read(key: string): AsyncIterable<Uint8Array>;
  /**
   * Every object whose key starts with the prefix (which ends in `/`, or is empty), in the order of
   * their keys. `shallow`: only the objects of this very folder, none of the folders below it.
   */
  list(prefix: string, options?: { readonly shallow?: boolean }): AsyncIterable<StoredObject>;
  /**
   * Moves the expiry later; an earlier or equal moment changes nothing. Throws `not_found` when
   * absent.
   */
  extend(key: string, expires: Date): Promise<void>;
  /** Sets or releases the hold. Throws `not_found` when absent. */
  hold(key: string, held: boolean): Promise<void>;
  /**
   * Compare-and-swap for summaries: writes only if the generation is still this one (`undefined`:
   * absent). False when it is not.
   */
  replace(key: string, body: Uint8Array, generation: string | undefined): Promise<boolean>;
}

/** A store without a lifecycle of its own: Lifeboat deletes what has expired. */
export interface PrunableStore extends Store {
  /**
   * Deletes the object if it has expired at `now`, and by the clock of the store, and is not held.
   * True when it was deleted, or does not exist.
   */
  remove(key: string, now: Date): Promise<boolean>;
  /**
   * Deletes an object that is part of no backup, whether or not it expires. Throws `internal` for a
   * key below `databases/`, and for one that Lifeboat does not write.
   */
  discard(key: string): Promise<void>;
  /**
   * Removes what crashed processes left and nobody changed for `ageMs`: temporary files, locks,
   * metadata without an object, empty folders. Returns the names of the files.
   */
  sweep(ageMs: number): Promise<string[]>;
  /**
   * Takes an object whose bytes the caller compared with its manifest for what was stored, so that
   * `crc32c` is known again. Does nothing when the content is no longer of this generation.
   */
  confirm(object: Pick<StoredObject, 'key' | 'generation'>, crc32c: string): Promise<void>;
}

/** A store in a bucket, whose lifecycle deletes: its rules must be the expected ones. */
export interface BucketStore extends Store {
  /** Without slashes at its ends. */
  readonly prefix: string;
  bucketFacts(): Promise<BucketFacts>;
  /**
   * Which of these permissions this identity has on the whole bucket, and the time of the store.
   * Needs no permission.
   */
  access(
    permissions: readonly string[],
  ): Promise<{ granted: readonly string[]; at: Date | undefined }>;
}

export function isPrunable(store: Store): store is PrunableStore {
  return 'remove' in store && 'sweep' in store;
}

export function isBucket(store: Store): store is BucketStore {
  return 'bucketFacts' in store;
}
