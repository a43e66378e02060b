import { ENGLISH, formatSize } from '../../core/lib/text/format.ts';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { App } from '../../core/app/app.ts';
import { countOrders } from '../../demo/shop.ts';
import type { Sample } from '../../demo/sample.ts';

/** The parts of the function's answer that the tour shows. */
type TourBackup = {
  ok: boolean;
  id: string;
  kind: string;
  size: number;
  storedBytes: number;
  pages: { count: number; stored: number };
  verdict: string;
};

/** Shows what Lifeboat does on the sample: a full and an incremental backup, and a restore. */
export async function showTour(
  url: string,
  app: App,
  sample: Sample,
  say: (text: string) => void,
): Promise<void> {
  say(
    '\nThe first backup stores every page while the shop keeps taking orders (POST /backup-now):\n',
  );
  say(backupLine(await requestBackup(url)));
  say('The next backup stores only the pages that have changed:\n');
  say(backupLine(await requestBackup(url)));
  say('Restore the latest backup into a new file:\n');
  const to = join(sample.folder, 'restored.sqlite3');
  const restored = await app.restore('shop', {
    to,
    at: 'latest',
    force: false,
    salvage: false,
    dryRun: false,
  });
  // Immutable: SQLite creates no -wal or -shm beside the restored file.
  const [restoredOrders, currentOrders] = [
    countOrders(new URL(`${pathToFileURL(to).href}?immutable=1`)),
    countOrders(sample.database),
  ];
  say(
    `  ${to}: ${formatSize(ENGLISH, restored.size)}, SHA-256 as in the manifest, checks ${restored.checks.map(({ name, result }) => `${name} ${result}`).join(', ')}\n`,
  );
  say(
    `  The shop has ${currentOrders} orders by now; the restored file has the ${restoredOrders} that existed when the last backup began.\n`,
  );
}

function backupLine({ id, kind, size, storedBytes, pages, verdict }: TourBackup): string {
  return `  ${id}  ${kind}, ${pages.stored} of ${pages.count} pages, ${formatSize(ENGLISH, size)} stored as ${formatSize(ENGLISH, storedBytes)}, verdict ${verdict}\n`;
}

async function requestBackup(url: string): Promise<TourBackup> {
  const response = await fetch(`${url}/backup-now`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ database: 'shop' }),
  });
  const answer = (await response.json()) as TourBackup & { message?: string };
  if (!response.ok) throw new Error(answer.message ?? `backup-now answered ${response.status}`);
  return answer;
}
