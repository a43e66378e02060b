// The functions as functions-framework serves them, in this one process, and one call of backup-now; ends with 1 unless it answers 200.
// JavaScript, and node:http, which the functions need as well: to load what strips types, or `fetch`, would be counted as theirs.
import { request } from 'node:http';

const [database = ''] = process.argv.slice(2);
process.argv.length = 2;
const listening = new Promise((resolve) => {
  process.send = (message) => (resolve(message.listening), true);
});
await import(new URL('../dist/functions/serve.js', import.meta.url).href);
const { port } = await listening;
const call = request(
  {
    host: '127.0.0.1',
    port,
    path: '/backup-now',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  },
  (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => (body += text));
    response.on('end', () => {
      if (response.statusCode !== 200) process.stderr.write(`${body}\n`);
      process.exit(response.statusCode === 200 ? 0 : 1);
    });
  },
);
call.end(JSON.stringify({ database }));
