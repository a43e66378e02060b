import { createFrameCrew, type FrameCrew } from '../format/frame-crew.ts';
import { AHEAD, damagedFrame, frameSize, splitFrames } from '../format/frames.ts';
import { damagedLength } from '../format/merge.ts';
import { countPages, createRunReader } from '../format/pages.ts';
import { outOfMemory } from '../lib/errors.ts';
import { printFrame, type PrintReply, type PrintTask } from './print-frame.ts';

export type PrintCrew = FrameCrew<PrintTask, PrintReply>;

const PRINTER_MODULE = new URL(
  `./print-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

export function createPrintCrew(): PrintCrew {
  return createFrameCrew(PRINTER_MODULE, printFrame);
}

/** Decodes the stored pages `runs` and gives their fingerprints in order. Throws `backup_damaged`, `insufficient_space`. */
export async function* storedPrints(
  crew: PrintCrew,
  body: AsyncIterable<Uint8Array>,
  { runs, fingerprinting }: Omit<PrintTask, 'size'>,
): AsyncGenerator<Uint8Array> {
  const { pageSize } = fingerprinting;
  const total = countPages(runs) * pageSize;
  const nextRuns = createRunReader(runs);
  const pending: Promise<Uint8Array>[] = [];
  let end = 0;
  try {
    for await (const { frame, bytes } of splitFrames(body)) {
      const size = frameSize(frame, total);
      if (size <= 0) throw damagedLength('longer');
      end += size;
      const task = { size, runs: nextRuns(size / pageSize), fingerprinting };
      const prints = crew.run(bytes, task).then((reply) => {
        if (reply === null) throw outOfMemory();
        if (typeof reply === 'string') throw damagedFrame(frame, reply);
        return reply;
      });
      // A failure before its turn would count as unhandled until then.
      prints.catch(() => undefined);
      if (pending.push(prints) === AHEAD) yield (await pending.shift()) ?? new Uint8Array();
    }
    if (end < total) throw damagedLength('shorter');
    while (pending.length > 0) yield (await pending.shift()) ?? new Uint8Array();
  } finally {
    // The crew is used again, and the memory of these frames with it.
    await Promise.allSettled(pending);
  }
}
