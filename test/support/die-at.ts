import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import promises, { open } from 'node:fs/promises';

// Preloaded into a process under test: kills it, as a power cut would, right before its N-th file operation (DIE_AT), or counts the operations (COUNT_TO).
// Only operations that change the disk count: dying before a read or a close leaves the same files as dying before the next change.
const dieAt = Number(process.env['DIE_AT'] ?? 0);
let count = 0;
function step(): void {
  count += 1;
  if (count === dieAt) process.kill(process.pid, 'SIGKILL');
}

function changesNothing(name: string, flags: unknown): boolean {
  const { O_RDWR, O_WRONLY } = fs.constants;
  if (name !== 'open') return false;
  return typeof flags === 'number' ? (flags & (O_RDWR | O_WRONLY)) === 0 : (flags ?? 'r') === 'r';
}

type Functions = Record<string, unknown>;
function wrap(target: Functions, names: readonly string[]): void {
  for (const name of names) {
    const original = target[name] as (...args: unknown[]) => unknown;
    target[name] = function counted(this: unknown, ...args: unknown[]): unknown {
      if (!changesNothing(name, args[1])) step();
      return Reflect.apply(original, this, args);
    };
  }
}

wrap(promises, ['open', 'link', 'rename', 'rm', 'mkdir', 'rmdir', 'unlink', 'chmod', 'chown']);
const handle = await open('/dev/null', 'r');
wrap(Object.getPrototypeOf(handle) as Functions, [
  'write',
  'writeFile',
  'sync',
  'datasync',
  'chmod',
  'chown',
]);
await handle.close();
syncBuiltinESMExports();
count = 0;
process.on('exit', () => {
  if (process.env['COUNT_TO'] !== undefined)
    fs.writeFileSync(process.env['COUNT_TO'], String(count));
});
