import { startVitest } from 'vitest/node';
import { storeAddressProblem } from '../../core/config/store-address.ts';

// npm run test:gcs -- gs://bucket/prefix. With LIFEBOAT_TEST_GCS_ENDPOINT it goes to an emulator instead of Google.
const [url = ''] = process.argv.slice(2);
const fault = url.startsWith('gs://') ? storeAddressProblem(url) : 'is not like gs://bucket/prefix';
if (fault !== undefined) {
  process.stderr.write(
    `${url === '' ? 'the address' : url} ${fault}\nusage: npm run test:gcs -- gs://bucket/prefix\n`,
  );
  process.exit(2);
}
const endpoint = process.env['LIFEBOAT_TEST_GCS_ENDPOINT'];
const vitest = await startVitest('test', [], {
  project: ['gcs'],
  run: true,
  watch: false,
  provide: { gcs: { url, ...(endpoint ? { endpoint } : {}) } },
});
await vitest.close();
