import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { BucketSettings } from './types.ts';
import { POLICIES } from './permissions.ts';
import { startGcsServer } from './server.ts';

// The fake as a program: node test/fakes/gcs-server/main.ts --port 0 --bucket acme-backups. Prints its address as a line of JSON.
// It ends on SIGTERM, when its standard input ends (with --stdin), or after --seconds.
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    bucket: { type: 'string', multiple: true, default: ['fake-bucket'] },
    folder: { type: 'string' },
    prefix: { type: 'string', default: '' },
    settings: { type: 'string' },
    seconds: { type: 'string', default: '3600' },
    stdin: { type: 'boolean', default: false },
  },
});
const settings =
  values.settings === undefined
    ? {}
    : (JSON.parse(readFileSync(values.settings, 'utf8')) as BucketSettings);
const server = await startGcsServer({
  port: Number(values.port),
  buckets: Object.fromEntries(values.bucket.map((name) => [name, settings])),
  policies: POLICIES(values.prefix),
  ...(values.folder === undefined ? {} : { large: { folder: values.folder } }),
});
process.stdout.write(`${JSON.stringify({ fake: true, url: server.url })}\n`);
function end(): void {
  return void server.close().then(() => process.exit(0));
}
process.once('SIGTERM', end).once('SIGINT', end);
setTimeout(end, Number(values.seconds) * 1000).unref();
if (values.stdin) process.stdin.once('end', end).resume();
