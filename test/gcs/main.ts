import { startVitest } from 'vitest/node';
import { parseGcsUrl } from '../../core/store/gcs/url.ts';

// npm run test:gcs -- gs://bucket/prefix. With LIFEBOAT_TEST_GCS_ENDPOINT it goes to an emulator instead of Google.
const [url = ''] = process.argv.slice(2);
try {
  parseGcsUrl(url);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nusage: npm run test:gcs -- gs://bucket/prefix\n`);
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
