// Copies of a bucket's manifests in one object, so that a catalog of 400 backups is read with one
// request (docs/format.md). Nothing in a bundle is believed: a copy stands for a manifest only when
// it has the MD5 and the size that the bucket reports for the manifest itself, and it is decoded and
// authenticated as if it had been read there. Everything else is read as if there were no bundle.
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { manifestBytes, manifestKey, type Manifest } from '../format/manifest.ts';
import { collectAtMost } from '../lib/bytes/bytes.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { isObject } from '../lib/text/json.ts';
import type { Log } from '../lib/log/log.ts';
import { isKey } from '../store/key.ts';
import type { Store, StoredObject } from '../store/store.ts';
import { UNREADABLE_STATE } from './damage.ts';

/** The copies by their MD5, in 32 hex digits. */
export type ManifestBundle = ReadonlyMap<string, Buffer>;

/** With fewer manifests to read, a bundle saves no request. */
export const LEAST_BUNDLED = 3;

/** What a bundle is made of: the manifests of a listing, and what the store says of its objects. */
export type Bundled = {
  readonly manifests: readonly Manifest[];
  readonly objects: ReadonlyMap<string, StoredObject>;
};

export const EMPTY_BUNDLE: ManifestBundle = new Map();

/** One that is larger, because it names thousands of runs of pages, is read by itself. */
const MOST_MANIFEST_BYTES = 256 << 10;
const MOST_BUNDLE_BYTES = 8 << 20;
const MOST_COPIES = 5000;

export function manifestBundleKey(database: string): string {
  return `state/manifests/${database}.json.gz`;
}

/** The copies in the bundle of a database, in one request. None where it cannot be read. */
export async function readManifestBundle(store: Store, database: string): Promise<ManifestBundle> {
  const key = manifestBundleKey(database);
  // A name that no database can have has no bundle.
  if (!isKey(key)) return EMPTY_BUNDLE;
  try {
    const bytes = await collectAtMost(store.read(key), MOST_BUNDLE_BYTES);
    return bytes ? await unpack(bytes) : EMPTY_BUNDLE;
  } catch (error) {
    if (error instanceof LifeboatError && UNREADABLE_STATE.includes(error.code))
      return EMPTY_BUNDLE;
    throw error;
  }
}

/**
 * The generation of the bundle of a database, for `saveManifestBundle`. Never throws: where it is
 * not known, a bundle that exists stays.
 */
export async function manifestBundleGeneration(
  store: Store,
  database: string,
): Promise<string | undefined> {
  const bundle = await store.stat(manifestBundleKey(database)).catch(() => undefined);
  return bundle?.generation;
}

/**
 * Stores copies of the manifests of a listing, where the store knows their MD5: a folder does not.
 * `generation` must have been taken before the listing was made, so that a bundle which another run
 * has written since stays: it may be newer. Never throws: without a bundle, or with an older one,
 * manifests are read one by one.
 */
export async function saveManifestBundle(
  { store, log }: { readonly store: Store; readonly log: Log },
  database: string,
  listing: Bundled,
  generation: string | undefined,
): Promise<void> {
  try {
    const texts = bundledTexts(listing);
    if (texts.length < LEAST_BUNDLED) return;
    const key = manifestBundleKey(database);
    const text = `${JSON.stringify({ lifeboat: 1, database, manifests: texts })}\n`;
    const bytes = await promisify(gzip)(text);
    await store.replace(key, bytes, generation);
  } catch (cause) {
    const { message, code } = toLifeboatError(cause);
    log('WARNING', `the manifests of ${database} could not be bundled: ${message}`, {
      event: 'record',
      database,
      code,
      hint: 'Nothing is lost: the catalog is read manifest by manifest until the next backup.',
      cause,
    });
  }
}

async function unpack(bytes: Buffer): Promise<ManifestBundle> {
  let value: unknown;
  try {
    // A planted one must not fill the memory.
    const text = await promisify(gunzip)(bytes, { maxOutputLength: MOST_BUNDLE_BYTES });
    value = JSON.parse(text.toString('utf8'));
  } catch {
    return EMPTY_BUNDLE;
  }
  const texts = isObject(value) && Array.isArray(value['manifests']) ? value['manifests'] : [];
  const copies = texts
    .slice(0, MOST_COPIES)
    .filter((each) => typeof each === 'string')
    .map((each) => Buffer.from(each));
  return new Map(copies.map((each) => [md5Of(each), each]));
}

/** The newest manifests that fit, in the very bytes that the store has. */
function bundledTexts({ manifests, objects }: Bundled): string[] {
  const texts: string[] = [];
  let room = MOST_BUNDLE_BYTES - 1024;
  for (const manifest of [...manifests].sort((a, b) => (a.id < b.id ? 1 : -1))) {
    const text = storedText(manifest, objects);
    if (text === undefined) continue;
    // As JSON inside JSON: every quotation mark is escaped. In bytes, which readers limit.
    room -= Buffer.byteLength(JSON.stringify(text)) + 1;
    if (room < 0) break;
    texts.push(text);
  }
  return texts;
}

/** Undefined where the bytes are not known: a later version may have laid them out otherwise. */
function storedText(manifest: Manifest, objects: Bundled['objects']): string | undefined {
  const object = objects.get(manifestKey(manifest.database, manifest.id));
  if (object?.md5 === undefined || object.size > MOST_MANIFEST_BYTES) return undefined;
  const bytes = manifestBytes(manifest);
  return md5Of(bytes) === object.md5 ? bytes.toString('utf8') : undefined;
}

function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
