import { describe, expect, test } from 'vitest';
import { formatGcsUrl, parseGcsUrl } from '../../core/store/gcs/url.ts';

describe('the address of a bucket', () => {
  test.each([
    ['gs://acme-backups', 'acme-backups', ''],
    ['gs://acme-backups/', 'acme-backups', ''],
    ['gs://acme-backups/shop', 'acme-backups', 'shop'],
    ['gs://acme-backups/teams/shop/', 'acme-backups', 'teams/shop'],
    ['gs://a.b_c-9/x_1', 'a.b_c-9', 'x_1'],
    [`gs://${'a'.repeat(63)}`, 'a'.repeat(63), ''],
  ])('%s is understood', (text, bucket, prefix) => {
    expect(parseGcsUrl(text)).toEqual({ bucket, prefix });
    expect(parseGcsUrl(formatGcsUrl({ bucket, prefix }))).toEqual({ bucket, prefix });
  });

  test.each([
    ['gcs://acme-backups/shop', 'Did you mean gs://acme-backups/shop?'],
    ['gs:/acme-backups', 'Did you mean gs://acme-backups?'],
    ['gs:acme-backups', 'Did you mean gs://acme-backups?'],
    ['gs:///acme-backups', 'Did you mean gs://acme-backups?'],
    ['GS://acme-backups', 'Did you mean gs://acme-backups?'],
    ['gs://Acme-Backups/shop', 'Did you mean gs://acme-backups/shop?'],
    ['gs://acme-backups//shop', 'Did you mean gs://acme-backups/shop?'],
    ['https://storage.googleapis.com/acme-backups/shop', 'Did you mean gs://acme-backups/shop?'],
    ['https://storage.cloud.google.com/acme-backups', 'Did you mean gs://acme-backups?'],
    ['gs://', 'It looks like gs://acme-backups/shop.'],
    ['gs://ab', 'It looks like gs://acme-backups/shop.'],
    [`gs://${'a'.repeat(64)}`, 'It looks like gs://acme-backups/shop.'],
    ['gs://-acme', 'It looks like gs://acme-backups/shop.'],
    ['gs://acme..backups', 'It looks like gs://acme-backups/shop.'],
    ['gs://192.168.0.1', 'It looks like gs://acme-backups/shop.'],
    ['gs://my-google-bucket', 'It looks like gs://acme-backups/shop.'],
    ['gs://acme backups', 'It looks like gs://acme-backups/shop.'],
    ['gs://acme-backups/a shop', 'Choose a plainer prefix.'],
    ['gs://acme-backups/../shop', 'Choose a plainer prefix.'],
  ])('%s is refused with a hint', (text, hint) => {
    expect(() => parseGcsUrl(text)).toThrow(expect.objectContaining({ code: 'config_invalid', hint }) as Error);
  });
});
