import { parentPort, workerData } from 'node:worker_threads';
import { digestPages, type DigestInput } from './digest-pages.ts';

const digest = digestPages(workerData as DigestInput, (done) => parentPort?.postMessage(done));
parentPort?.postMessage(digest);
