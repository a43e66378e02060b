import { parentPort, workerData } from 'node:worker_threads';
import { createFileDigest } from './file-digest.ts';

const fileDigest = createFileDigest(workerData as number);

parentPort?.on('message', (complete: number | 'all') => {
  if (complete === 'all') parentPort?.postMessage(fileDigest.finish());
  else fileDigest.readTo(complete);
});
