import { readFileSync } from 'node:fs';
import { removeLeftovers, withFileBeside } from '../../core/restore/place/beside.ts';
import { place } from '../../core/restore/place/place.ts';
import { findTarget } from '../../core/restore/place/target.ts';

/** Puts a copy of the file `content` at `to`, as a forced restore does. */
export async function placeFile(content: string, to: string, temporary: string): Promise<void> {
  const target = await findTarget(to, true);
  await removeLeftovers(target.path);
  await withFileBeside(target.path, async (file) => {
    await file.handle.writeFile(readFileSync(content));
    await file.handle.sync();
    await place(file, target, { at: new Date(), temporary, signal: undefined });
  });
}
