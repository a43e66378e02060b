import { openStorage } from '../../core/google/storage/client.ts';
import { toLifeboatError } from '../../core/lib/errors.ts';
import { createGcsStore } from '../../core/google/storage/store.ts';
import { FAULTY, SIZE } from './gcs-child-plan.ts';

// Runs in a process of its own, with the endpoint as its argument: whatever goes wrong, the only errors may be those of the operations.
const [endpoint = ''] = process.argv.slice(2);
const tuning = {
  totalMs: 1500,
  idleMs: 200,
  firstDelayMs: 5,
  mostDelayMs: 40,
  chunkSize: 256 * 1024,
};
const store = createGcsStore({
  bucket: 'acme-backups',
  prefix: '',
  clients: () => openStorage({ endpoint }),
  tuning,
});
const outcomes: string[] = [];
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    outcomes.push('done');
  } catch (error) {
    outcomes.push(toLifeboatError(error).code);
  }
}
async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < SIZE; at += 100_000) yield Buffer.alloc(Math.min(100_000, SIZE - at), 'x');
}
function command(path: string, body?: unknown) {
  return fetch(`${endpoint}${path}`, { method: 'POST', body: JSON.stringify(body ?? {}) }).then(
    (answer) => answer.text(),
  );
}

await store.create('one', pieces());
for (const fault of FAULTY) {
  for (const times of [1, null]) {
    await command('/fake/faults', [{ fault, times }]);
    await attempt(async () => {
      for await (const piece of store.read('one')) void piece;
    });
    await attempt(async () => {
      for await (const piece of store.read('one')) if (piece.length > 0) break;
    });
    await attempt(() => store.create(`new/${outcomes.length}`, pieces()));
    await attempt(() => store.stat('one'));
  }
}
await command('/fake/faults', []);
// Leaves time for unhandled rejections to appear.
await new Promise((resolve) => setTimeout(resolve, 500));
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
