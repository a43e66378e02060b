import { logLink } from '../../core/notify/message/log-link.ts';
import {
  KINDS,
  TROUBLES,
  type Kind,
  type Notification,
  type Problem,
  type RestoreTestRow,
} from '../../core/notify/notification.ts';

const common = {
  at: '2026-11-24T06:00:41.512Z',
  timeZone: 'America/Sao_Paulo',
  run: '20261124T060000Z-1a2b3c4d-5e6f7a8b',
  tool: 'lifeboat 0.1.0',
};
const logUrl = logLink('acme-backups', common.run, common.at) ?? '';
const lastGood = {
  id: '20261122T060000Z-9f8e7d6c',
  takenAt: '2026-11-22T06:00:09Z',
  size: 734_003_200,
};
const ofShop = { ...common, logUrl, database: 'shop', since: '2026-11-23T06:00:12Z', lastGood };

const FAULTS: Readonly<Record<(typeof TROUBLES)[number], Problem>> = {
  failed: {
    step: 'snapshot',
    code: 'source_unreachable',
    message: 'ssh to backup@10.0.0.5 failed: connect ETIMEDOUT 10.0.0.5:22',
    hint: 'Check that the host is up and that the connector of the network reaches it.',
  },
  'still-failing': {
    step: 'health',
    code: 'source_unhealthy',
    message: 'the health check https://shop.example.com/healthz answered 503, expected 2xx',
    hint: 'Repair the application, or set health.required to false to back up all the same.',
  },
  guard: {
    step: 'guard',
    code: 'source_suspicious',
    message:
      'auth_user has 0 rows, and 48,213 in the last backup; 3 further tables lost more than 50% of their rows',
    hint: 'Look at the database before anything else writes to it.',
  },
  late: {
    code: 'stale',
    message: 'the newest backup is 51 hours old, and one was due 26 hours ago',
    hint: 'Run `lifeboat status` to see the schedule and the last runs.',
  },
  missing: {
    code: 'stale',
    message: 'no verified backup in gs://acme-backups',
    hint: 'Run `lifeboat status` to see the schedule.',
  },
  'copy-failing': {
    step: 'copy',
    code: 'store_unreachable',
    message: 'the copy to /mnt/nas/backups failed: EHOSTDOWN',
    hint: 'Mount the share again; the next run copies what is missing.',
  },
  'space-low': {
    step: 'space',
    code: 'insufficient_space',
    message: '1.9 GiB are free under /var/backups and the reserve is 5 GiB',
    hint: 'Free some space, or lower space.reserve.',
  },
  'watch-alarm': {
    step: 'schedule',
    code: 'stale',
    message: 'the Cloud Scheduler job lifeboat-backup-shop is paused',
    hint: 'Resume it with `gcloud scheduler jobs resume lifeboat-backup-shop`.',
  },
};

/** One notification of each kind, as a real installation would send it. */
export const SAMPLES: Readonly<Record<Kind, Notification>> = Object.fromEntries(
  KINDS.map((kind) => [kind, sampleOf(kind)]),
) as Record<Kind, Notification>;

const evil = `<script>alert(1)</script>&"'\`*_~|>${String.fromCodePoint(0x202e)}\r\nBcc: x@example.com${'x'.repeat(6000)}`;

/** Hostile and endless text wherever a notification takes text. */
export const HOSTILE: Notification = {
  ...ofShop,
  kind: 'failed',
  database: evil,
  run: evil,
  tool: evil,
  logUrl: `javascript:${evil}`,
  fault: { step: evil, code: evil, message: evil, hint: evil },
  lastGood: { id: evil, takenAt: evil, size: -1 },
  since: evil,
  timeZone: evil,
  flapping: true,
};

export function restoreTestRows(count: number, bad: number): RestoreTestRow[] {
  return Array.from({ length: count }, (_, n) => ({
    database: `tenant-${String(n + 1).padStart(2, '0')}`,
    ok: n % 7 !== 2 || n / 7 >= bad,
    backup: { ...lastGood, size: 3_000_000 * (n + 1) },
    durationMs: 900 + 731 * n,
    ...(n % 7 === 2 && n / 7 < bad
      ? {
          message:
            'row counts differ from the manifest: orders has 41,200, the manifest says 41,377',
        }
      : {}),
  }));
}

function sampleOf(kind: Kind): Notification {
  if (kind === 'sample') return { ...common, kind };
  if (kind === 'recovered') return { ...ofShop, kind, fault: FAULTS.failed };
  if (kind === 'restore-test-passed')
    return { ...common, logUrl, kind, databases: restoreTestRows(4, 0) };
  if (kind === 'restore-test-failed')
    return { ...common, logUrl, kind, databases: restoreTestRows(20, 3) };
  if (kind === 'missing') return { ...ofShop, kind, fault: FAULTS.missing, lastGood: null };
  return { ...ofShop, kind, fault: FAULTS[kind] };
}
