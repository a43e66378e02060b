import type { BucketFacts } from '../documents/bucket.ts';

/**
 * What a store knows of one object. `crc32c` is 8 lower-case hex digits; absent when the store no
 * longer knows it.
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
  /** Changes whenever the content does; the token for `replace`. */
  readonly generation: string;
};

/**
 * A piece is valid until the next one is requested: a store that needs it longer copies it
 * (docs/decisions/compression.md).
 */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Where backups live. Keys are relative paths of plain segments (letters, digits, `.`, `_`, `-`),
 * separated by `/`. Failures are LifeboatErrors: `store_unreachable`, `store_denied`,
 * `insufficient_space`.
 */
export interface Store {
  /** How a person names this store: a folder, or gs://bucket/prefix. */
  readonly url: string;
  /**
   * Creates an object unless it exists: then nothing changes and the answer is `undefined` (the
   * body is not consumed further). Atomic and durable: it is visible whole or not at all, and once
   * this resolves it survives a power cut. The answer has the CRC32C of the body.
   */
  create(key: string, body: Body, options?: { expires?: Date }): Promise<StoredObject | undefined>;
  /** `undefined` when absent. */
  stat(key: string): Promise<StoredObject | undefined>;
  /** The content; throws `not_found` when absent. */
  read(key: string): AsyncIterable<Uint8Array>;
  /**
   * Every object whose key starts with the prefix (which ends in `/`, or is empty), in the order of
   * their keys.
   */
  list(prefix: string): AsyncIterable<StoredObject>;
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

/** A store that has no lifecycle of its own: somebody has to delete what expired. */
export interface PrunableStore extends Store {
  /**
   * Deletes the object if it is neither held nor unexpired at `now`; true when it was deleted (or
   * is gone already).
   */
  remove(key: string, now: Date): Promise<boolean>;
  /**
   * Removes what writers that died left behind: temporary files older than `olderThan`, and folders
   * without a file. Their keys.
   */
  sweep(olderThan: Date): Promise<string[]>;
}

/**
 * A store in a bucket, whose own lifecycle deletes: whether its rules are the right ones has to be
 * looked at.
 */
export interface BucketStore extends Store {
  /** Without slashes at its ends; what `bucketFindings` wants. */
  readonly prefix: string;
  bucketFacts(): Promise<BucketFacts>;
  /**
   * Which of these permissions this identity has on the bucket as a whole, whatever the object, and
   * the store's clock. Needs no right.
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
