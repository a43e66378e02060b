import { readFileSync } from 'node:fs';
import { removeLeftovers, withFileBeside } from '../../core/restore/place/beside.ts';
import { place } from '../../core/restore/place/place.ts';
import { findTarget } from '../../core/restore/place/target.ts';

// Places a file as a restore does, in a process that a test can kill at any file operation.
const [content = '', to = '', temporary = ''] = process.argv.slice(2);
const target = await findTarget(to, true);
await removeLeftovers(target.path);
await withFileBeside(target.path, async (file) => {
  await file.handle.writeFile(readFileSync(content));
  await file.handle.sync();
  await place(file, target, { at: new Date(), temporary, signal: undefined });
});
