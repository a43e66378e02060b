// docs/format.md in code: bytes in, bytes out. A manifest is written canonically, and read only if
// it is exactly what the page describes: nothing is guessed. This folder imports lib, and from
// sqlite the names of frameworks.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';
import { FRAMEWORKS } from '../sqlite/judge/frameworks.ts';
/**
 * A million runs of pages are 27 MiB at most; the rest is for names of tables. Larger ones are not
 * written, and not read: a planted one would fill the memory before its HMAC can be looked at.
 */
export const MAX_MANIFEST_BYTES = 64 << 20;
export const MAX_RUNS = 1_000_000;
export const MAX_SEQUENCE = 2 ** 31 - 1;
export const BACKUP_ID = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;
const id = z.string().regex(BACKUP_ID);
const moment = z.iso.datetime();
const count = z.int().nonnegative();
const check = z.strictObject({
  name: z.string(),
  result: z.enum(['ok', 'warning', 'inconclusive', 'failed']),
  engine: z.enum(['sql.js', 'node:sqlite']).optional(),
  detail: z.string().optional(),
});
const migrations = z.strictObject({
  framework: z.enum(FRAMEWORKS),
  head: z.string().nullable(),
  applied: count,
  failed: z.array(z.string()),
});
const inspection = z.strictObject({
  verdict: z.enum(['ok', 'inconclusive', 'failed']),
  checks: z.array(check),
  engines: z.array(
    z.strictObject({ name: z.enum(['sql.js', 'node:sqlite']), version: z.string() }),
  ),
  // Not a record of zod, which drops the name `__proto__`: a table may be called so.
  tables: z.custom<Record<string, number>>(isRowCounts),
  schema: hex(64).nullable(),
  migrations: z.array(migrations),
});
const object = z.strictObject({
  role: z.enum(['data', 'fingerprints']),
  key: z.string(),
  size: count,
  crc32c: hex(8),
  sha256: hex(64),
  md5: hex(32).optional(),
});
const manifest = z.strictObject({
  lifeboat: z.literal(1),
  id,
  database: z.string(),
  sequence: z.int().positive().max(MAX_SEQUENCE).optional(),
  kind: z.enum(['full', 'incremental']),
  salvage: z.boolean(),
  parent: id.nullable(),
  base: id.nullable(),
  depth: count,
  requestedAt: moment,
  takenAt: moment,
  reason: z.string(),
  slots: z.array(z.enum(['daily', 'weekly', 'monthly', 'yearly'])),
  source: z.string(),
  sourceVersion: z.string().nullable(),
  pageSize: z.int().min(512).max(65_536),
  pageCount: count,
  size: count,
  sha256: hex(64),
  pages: z.array(z.tuple([z.int().positive(), z.int().positive()])).nullable(),
  objects: z.array(object),
  encryption: z.strictObject({ recipients: z.array(z.string()).min(1) }).nullable(),
  chain: z.strictObject({
    salt: hex(32),
    keyed: z.boolean(),
    numbered: z.literal(true).optional(),
  }),
  inspection,
  expires: moment,
  tool: z.string(),
  hmac: hex(64).nullable(),
  digest: hex(64),
});

export type Manifest = z.infer<typeof manifest>;
export type ManifestObject = Manifest['objects'][number];
export type Slot = Manifest['slots'][number];

/** What a manifest says, without what seals it. */
export type Content = Omit<Manifest, 'digest' | 'hmac'>;

const HINT_OTHER =
  'Restore another backup with --at, and run `lifeboat verify` to see what else is damaged.';

/**
 * The bytes of a manifest, with a SHA-256 over its canonical JSON and, with a key, an HMAC-SHA256.
 * Throws `source_invalid` when they are more than a reader accepts.
 */
export function encodeManifest(value: Content, key?: Buffer): Uint8Array {
  const content = manifest.omit({ digest: true, hmac: true }).parse(value);
  const sealed = { ...content, hmac: key ? authenticate(content, key) : null };
  const bytes = manifestBytes({ ...sealed, digest: manifestDigest(sealed) });
  if (bytes.length <= MAX_MANIFEST_BYTES) return bytes;
  const size = formatSize(ENGLISH, bytes.length);
  throw new LifeboatError(
    'source_invalid',
    `the manifest of ${value.database}/${value.id} would take ${size}, more than a reader accepts`,
    'The database has too many tables, or their names are too long. Check what created them.',
  );
}

/** The bytes of a manifest that is sealed already: the same fields give the same bytes. */
export function manifestBytes(value: Manifest): Buffer {
  const text = JSON.stringify(value, null, 1);
  // A run of pages on a line of its own; inside a string of JSON there is no line break.
  return Buffer.from(`${text.replaceAll(/\[\n\s+(\d+),\n\s+(\d+)\n\s+\]/g, '[$1, $2]')}\n`);
}

/** Folder of a backup inside a store. */
export function backupPrefix(database: string, backup: string): string {
  return `databases/${database}/${backup}/`;
}

export function manifestKey(database: string, id: string): string {
  return `${backupPrefix(database, id)}manifest.json`;
}

/**
 * Reads a manifest that was found for this backup. Throws `backup_damaged`, or `backup_forged` when
 * keys are given and the HMAC is of none of them.
 */
export function decodeManifest(
  bytes: Uint8Array,
  database: string,
  backup: string,
  keys: readonly Buffer[] = [],
): Manifest {
  const name = `the manifest of ${database}/${backup}`;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw damagedManifest(`${name} is not JSON`, cause);
  }
  if (json !== null && typeof json === 'object' && 'lifeboat' in json && json.lifeboat !== 1)
    throw new LifeboatError(
      'backup_damaged',
      `${name} has format version ${JSON.stringify(json.lifeboat)}, not 1`,
      'Use the version of Lifeboat that wrote it, or a newer one.',
    );
  const result = manifest.safeParse(json);
  if (!result.success) {
    const what = z.prettifyError(result.error).split('\n').slice(0, 2).join(' ');
    throw new LifeboatError(
      'backup_damaged',
      `${name} is not valid: ${what}`,
      `${HINT_OTHER} A newer version of Lifeboat may have written it.`,
    );
  }
  const { digest, ...sealed } = result.data;
  const { hmac, ...content } = sealed;
  const isBy = (key: Buffer) =>
    hmac !== null &&
    timingSafeEqual(Buffer.from(hmac, 'hex'), Buffer.from(authenticate(content, key), 'hex'));
  if (keys.length > 0 && !keys.some(isBy))
    throw new LifeboatError(
      'backup_forged',
      `${name} is not authenticated by LIFEBOAT_KEY`,
      'It was signed with a different key, or somebody else wrote it. Do not restore it until you know which.',
    );
  if (digest !== manifestDigest(sealed))
    throw damagedManifest(`${name} is damaged: its own digest does not fit`);
  const fault = contradiction(result.data, database, backup);
  if (fault) throw damagedManifest(`${name} ${fault}`);
  return result.data;
}

function authenticate(value: Content, key: Buffer): string {
  return createHmac('sha256', key).update(canonical(value)).digest('hex');
}

/**
 * RFC 8785: keys in the order of their UTF-16 code units, no white space. Numbers are integers
 * here.
 */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`)
    .join(',')}}`;
}

// The format of version 1: docs/format.md describes every field. Strict on purpose: an unknown
// field is an error, never a guess.
function hex(digits: number) {
  return z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
}

function isRowCounts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((rows) => count.safeParse(rows).success);
}

function manifestDigest(value: Omit<Manifest, 'digest'>): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function damagedManifest(what: string, cause?: unknown) {
  return new LifeboatError('backup_damaged', what, HINT_OTHER, { cause });
}

function contradiction(m: Manifest, database: string, backup: string): string | undefined {
  if (m.database !== database || m.id !== backup) return `says that it is ${m.database}/${m.id}`;
  const prefix = backupPrefix(database, backup);
  const outside = m.objects.find(({ key }) => !key.startsWith(prefix) || key.includes('..'));
  if (outside) return `names an object outside of its backup: ${outside.key}`;
  if (m.objects.filter(({ role }) => role === 'data').length !== 1)
    return 'does not name one data object';
  const prints = m.objects.find(({ role }) => role === 'fingerprints');
  if (prints && prints.size !== 16 * m.pageCount)
    return 'does not name 16 bytes of fingerprints for each page';
  if (m.chain.numbered && !m.chain.keyed) return 'contradicts itself about the fingerprints';
  if ((m.pageSize & (m.pageSize - 1)) !== 0) return 'has a page size that SQLite does not have';
  if (m.size !== m.pageSize * m.pageCount) return 'contradicts itself about the size';
  if (
    (m.kind === 'full') !==
    (m.parent === null && m.base === null && m.pages === null && m.depth === 0)
  )
    return 'contradicts itself about the kind';
  let next = 1;
  for (const [first, length] of m.pages ?? []) {
    if (first < next || first + length - 1 > m.pageCount) return 'names pages that cannot be';
    next = first + length;
  }
  return undefined;
}
