import { gcsServer, gcsStore } from '../support/gcs.ts';
import { storeContract } from '../contract/store.ts';

storeContract('the GCS store', async () => gcsStore((await gcsServer({ pageSize: 2 })).url));
storeContract('the GCS store below a prefix, in small chunks', async () =>
  gcsStore((await gcsServer()).url, { prefix: 'teams/shop', tuning: { chunkSize: 256 * 1024 } }),
);
