// The functions as functions-framework serves them, in this one process, and one call of backup-now; ends with 1 unless it answers 200.
const [database = ''] = process.argv.slice(2);
process.argv.length = 2;
const SERVE = new URL('../dist/functions/serve.js', import.meta.url).href;
const answered = new Promise<{ port: number }>((resolve) => {
  process.send = (message: { listening: { port: number } }) => (resolve(message.listening), true);
});
await import(SERVE);
const { port } = await answered;
const response = await fetch(`http://127.0.0.1:${port}/backup-now`, {
  method: 'POST',
  body: JSON.stringify({ database, reason: 'manual' }),
});
const body = await response.text();
if (!response.ok) process.stderr.write(`${body}\n`);
process.exit(response.ok ? 0 : 1);
