import { createHash } from 'node:crypto';
import { openStorage } from '../../core/google/storage/client.ts';
import { createGcsStore } from '../../core/google/storage/store.ts';

// Uploads and downloads a number of bytes in a process of its own and prints how much memory that took.
const [endpoint = '', size = '0'] = process.argv.slice(2);
const store = createGcsStore({
  bucket: 'acme-backups',
  prefix: '',
  clients: () => openStorage({ endpoint }),
});
await store.create('small', Buffer.from('so that the client is loaded'));

const before = process.memoryUsage().rss;
let peak = before;
const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10);
const [up, down] = [createHash('sha256'), createHash('sha256')];
async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < Number(size); at += 65_536) {
    const piece = Buffer.alloc(Math.min(65_536, Number(size) - at), at % 251);
    up.update(piece);
    yield piece;
  }
}
const began = performance.now();
const created = await store.create('large', pieces());
const middle = performance.now();
for await (const piece of store.read('large')) down.update(piece);
const ended = performance.now();
clearInterval(watching);
const same = up.digest('hex') === down.digest('hex');
process.stdout.write(
  `${JSON.stringify({ size: created?.size, same, before, peak, upMs: middle - began, downMs: ended - middle })}\n`,
);
