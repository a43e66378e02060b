import type { StoredObject } from '../../store/store.ts';
import { DAY_MS } from '../../lib/text/time.ts';

/** The only fields that Lifeboat requests. */
export const OBJECT_FIELDS =
  'name,size,crc32c,md5Hash,customTime,temporaryHold,timeCreated,generation,metageneration,metadata';

/**
 * The part of Google's object resource that counts here
 * (https://cloud.google.com/storage/docs/json_api/v1/objects).
 */
export type Resource = {
  readonly name: string;
  readonly size: number;
  readonly crc32c: string | undefined;
  readonly md5: string | undefined;
  readonly customTime: Date | undefined;
  readonly held: boolean;
  readonly created: Date | undefined;
  readonly generation: string;
  readonly metageneration: string;
  /**
   * Marks the attempt that wrote it, which distinguishes our own object from another writer's after
   * a 412 for a lost answer.
   */
  readonly token: string | undefined;
};

/** What the bytes of one generation must add up to. */
export type ObjectContent = {
  readonly size: number;
  /** 8 lower-case hexOfBase64 digits. */
  readonly crc32c: string;
  readonly generation: string;
};

export const UPLOAD_TOKEN = 'lifeboat-upload';
const CRC_OF_NOTHING = '00000000';

export function toResource(value: unknown): Resource {
  const raw = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const custom = raw['metadata'] as Record<string, unknown> | undefined;
  const crc32c = hexOfBase64(raw['crc32c'], 4);
  // A server that omits default values, such as Google's storage testbench, omits a size of 0.
  const absentSize = crc32c === CRC_OF_NOTHING ? 0 : Number.NaN;
  return {
    name: word(raw['name']),
    size: Number(word(raw['size']) || absentSize),
    crc32c,
    md5: hexOfBase64(raw['md5Hash'], 16),
    customTime: dateOf(raw['customTime']),
    held: raw['temporaryHold'] === true,
    created: dateOf(raw['timeCreated']),
    generation: word(raw['generation']),
    metageneration: word(raw['metageneration']),
    token: word(custom?.[UPLOAD_TOKEN]) || undefined,
  };
}

/**
 * Custom-Time is a day before the expiry, and the bucket's rule adds that day: a rule of 0 days is
 * dropped on its way to Google.
 */
export function customTimeOf(expires: Date): string {
  return new Date(expires.getTime() - DAY_MS).toISOString();
}

export function toStored(
  key: string,
  { size, crc32c, md5, customTime, held, created, generation }: Resource,
): StoredObject {
  return {
    key,
    size,
    ...(crc32c === undefined ? {} : { crc32c }),
    ...(md5 === undefined ? {} : { md5 }),
    ...(customTime ? { expires: new Date(customTime.getTime() + DAY_MS) } : {}),
    held,
    ...(created ? { written: created } : {}),
    generation,
  };
}

/** `crc32c=…,md5=…` of a download's headers; the CRC32C in hexOfBase64. */
export function crcOfHeader(header: string | null): string | undefined {
  return hexOfBase64(/crc32c=([^,\s]+)/.exec(header ?? '')?.[1], 4);
}

export function crcToBase64(crc: string): string {
  return Buffer.from(crc, 'hex').toString('base64');
}

function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function hexOfBase64(base64: unknown, bytes: number): string | undefined {
  const decoded = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
  return decoded.length === bytes ? decoded.toString('hex') : undefined;
}

function dateOf(value: unknown): Date | undefined {
  return typeof value === 'string' ? new Date(value) : undefined;
}
