import { open } from 'node:fs/promises';
import type { Calls } from '../../google/storage/calls.ts';
import { download } from '../../google/storage/download.ts';
import type { ObjectContent } from '../../google/storage/object.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { writeAll } from '../../lib/files/files.ts';

export type Fetch = {
  readonly calls: Calls;
  readonly name: string;
  /** The generation to fetch. */
  readonly content: ObjectContent;
  /** The file to write; it must not exist. */
  readonly target: string;
  /** Called with the bytes so far. */
  readonly onProgress: (done: number) => void;
};

/** Writes one generation of an object to a file, with its length and CRC32C checked. */
export async function fetchObject({
  calls,
  name,
  content,
  target,
  onProgress,
}: Fetch): Promise<void> {
  await using file = await open(target, 'wx', 0o600);
  let at = 0;
  const onRestart = async (): Promise<void> => {
    at = 0;
    await file.truncate(0);
  };
  for await (const piece of download(calls, name, { expected: content, onRestart })) {
    if (at + piece.length > content.size)
      throw new LifeboatError(
        'source_unreachable',
        `gs://${calls.bucket}/${name} is longer than the ${content.size} bytes that the bucket lists`,
        'Run the backup again.',
      );
    await writeAll(file, piece, at);
    at += piece.length;
    onProgress(at);
  }
}
