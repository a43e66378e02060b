import { ENGLISH, formatSize } from '../../core/lib/format.ts';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { App } from '../../core/app/app.ts';
import { countOrders } from '../../demo/shop.ts';
import type { Sample } from '../../demo/sample.ts';

type Answer = {
  ok: boolean;
  id: string;
  kind: string;
  size: number;
  storedBytes: number;
  pages: { count: number; stored: number };
  verdict: string;
};

/**
 * Shows on the sample what Lifeboat does: a full backup, an increment, and a restore that is
 * compared.
 */
export async function showTour(
  url: string,
  app: App,
  sample: Sample,
  say: (text: string) => void,
): Promise<void> {
  say(
    '\nThe first backup stores every page while the shop keeps taking orders (POST /backup-now):\n',
  );
  say(describe(await backupNow(url)));
  say('The next backup stores only the pages that have changed:\n');
  say(describe(await backupNow(url)));
  say('Restore the latest backup into a new file:\n');
  const to = join(sample.folder, 'restored.sqlite3');
  const restored = await app.restore('shop', {
    to,
    at: 'latest',
    force: false,
    salvage: false,
    dryRun: false,
  });
  // Looked at without leaving a -wal or -shm beside it.
  const [then, now] = [
    countOrders(new URL(`${pathToFileURL(to).href}?immutable=1`)),
    countOrders(sample.database),
  ];
  say(
    `  ${to}: ${formatSize(ENGLISH, restored.size)}, SHA-256 as in the manifest, checks ${restored.checks.map(({ name, result }) => `${name} ${result}`).join(', ')}\n`,
  );
  say(
    `  The shop has ${now} orders by now; the restored file has the ${then} that were there when the last backup began.\n`,
  );
}

function describe({ id, kind, size, storedBytes, pages, verdict }: Answer): string {
  return `  ${id}  ${kind}, ${pages.stored} of ${pages.count} pages, ${formatSize(ENGLISH, size)} stored as ${formatSize(ENGLISH, storedBytes)}, verdict ${verdict}\n`;
}

async function backupNow(url: string): Promise<Answer> {
  const response = await fetch(`${url}/backup-now`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ database: 'shop' }),
  });
  const answer = (await response.json()) as Answer & { message?: string };
  if (!response.ok) throw new Error(answer.message ?? `backup-now answered ${response.status}`);
  return answer;
}
