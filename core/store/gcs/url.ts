import { LifeboatError } from '../../errors.ts';
import { isKey } from '../key.ts';

export type GcsPlace = { readonly bucket: string; /** Empty, or without a slash at its ends. */ readonly prefix: string };

const invalid = (text: string, why: string, hint: string) => new LifeboatError('config_invalid', `the store ${text} ${why}`, hint);

// https://cloud.google.com/storage/docs/buckets#naming
const bucketFault = (name: string): string | undefined => {
  if (name !== name.toLowerCase()) return 'has upper-case letters in its bucket name';
  if (!/^[a-z0-9._-]*$/.test(name)) return 'has a character in its bucket name that no bucket can have';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return 'has a bucket name that does not start and end with a letter or digit';
  if (name.length < 3 || name.length > 222 || name.split('.').some((part) => part.length > 63))
    return 'has a bucket name that is too short or too long';
  if (/\.\.|\.-|-\./.test(name)) return 'has a dot beside a dot or a dash in its bucket name';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'has an IP address for its bucket name';
  if (name.startsWith('goog') || name.includes('google')) return 'has a bucket name that Google keeps for itself';
  return undefined;
};

/** Whether a person meant a bucket, well written or not. */
export const looksLikeGcs = (text: string): boolean => /^(gs|gcs|https?):/i.test(text.trim());

/** Reads `gs://bucket[/prefix]`. Throws `config_invalid`, with what was probably meant, before anything is called. */
export const parseGcsUrl = (text: string): GcsPlace => {
  const [, scheme = '', slashes = '', rest = ''] = /^([a-z]+):(\/*)(.*)$/is.exec(text.trim()) ?? [];
  const web = /^https?$/i.test(scheme) ? /^(?:storage\.googleapis\.com|storage\.cloud\.google\.com)\/(.*)$/i.exec(rest)?.[1] : undefined;
  const [bucket = '', ...folders] = (web ?? rest).split('/');
  const prefix = folders.filter((part) => part !== '').join('/');
  const tidy = `gs://${bucket.toLowerCase()}${prefix === '' ? '' : `/${prefix}`}`;
  const meant =
    bucket !== '' && bucketFault(bucket.toLowerCase()) === undefined ? `Did you mean ${tidy}?` : 'It looks like gs://acme-backups/shop.';
  if (scheme !== 'gs' || slashes !== '//') throw invalid(text, 'is not written gs://bucket/prefix', meant);
  const fault = bucketFault(bucket);
  if (fault !== undefined) throw invalid(text, fault, meant);
  if (folders.slice(0, -1).includes('')) throw invalid(text, 'has a slash too many', meant);
  if (prefix !== '' && !isKey(prefix))
    throw invalid(text, 'has a prefix with other characters than letters, digits, dot, dash and underscore', 'Choose a plainer prefix.');
  return { bucket, prefix };
};

export const formatGcsUrl = ({ bucket, prefix }: GcsPlace): string => `gs://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
