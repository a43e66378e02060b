import { logLink } from '../../core/notify/message/log-link.ts';
import {
  NOTIFICATION_KINDS,
  TROUBLES,
  type Kind,
  type Notification,
  type ReportedProblem,
  type ProblemGroup,
  type RestoreTestRow,
} from '../../core/notify/notification.ts';

const common = {
  at: '2026-11-24T06:00:41.512Z',
  timeZone: 'America/Sao_Paulo',
  run: '20261124T060000Z-1a2b3c4d-5e6f7a8b',
  tool: 'lifeboat 0.1.0',
  machine: 'web-1',
  store: 'gs://acme-backups',
};
const logUrl = logLink('acme-backups', common.run, common.at) ?? '';
const lastGood = {
  id: '20261122T060000Z-9f8e7d6c',
  takenAt: '2026-11-22T06:00:09Z',
  size: 734_003_200,
};
const ofShop = {
  ...common,
  logUrl,
  database: 'shop',
  since: '2026-11-23T06:00:12Z',
  lastGood,
  nextTry: '2026-11-25T06:00:00.000Z',
};

const FAULTS: Readonly<Record<(typeof TROUBLES)[number], ReportedProblem>> = {
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
  'hook-failing': {
    step: 'after',
    code: 'hook_failed',
    message: 'the hook after the backup of shop ended with status 1: no such service: worker',
    hint: 'Run `databases.shop.hooks.after` of lifeboat.yaml by hand, and fix it. The backup was made and counts.',
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
    hint: 'Run `gcloud scheduler jobs resume lifeboat-backup-shop --location=REGION` with the region of the deployment, or apply the Terraform of the deployment.',
  },
};

/** The alarms of the watch that have their own wording, as the watch reports them. */
export const ALARMS: Readonly<Record<string, ReportedProblem>> = {
  objects: {
    step: 'objects',
    code: 'backup_damaged',
    message:
      'the newest backup 20261124T060000Z-1a2b3c4d is damaged: databases/shop/20261124T060000Z-1a2b3c4d/0001/database.zst is missing',
    hint: 'Run `lifeboat verify shop --read-data`, and make a full backup now: `lifeboat backup shop --kind full`.',
  },
  holds: {
    step: 'holds',
    code: 'stale',
    message: '3 objects of the newest two backups have no hold, so they may expire',
    hint: 'Run `lifeboat backup shop` to set the holds, and find out who released them.',
  },
  bucket: {
    step: 'bucket',
    code: 'config_invalid',
    message: 'a lifecycle rule deletes backups before they expire: {"age":7}',
    hint: 'Remove the rule from the bucket now, then restore the objects that it deleted from soft delete. Apply the Terraform in infra/ to correct it, or use gcloud as docs/setup.md shows.',
  },
  clock: {
    step: 'clock',
    code: 'config_invalid',
    message:
      'the time of shop/20271124T060000Z-1a2b3c4d lies in the future (24 Nov 2027, 06:00 UTC), so it does not count as the newest',
    hint: 'Check the clock of the machine that makes the backups, and of this one (`timedatectl`). The backup is kept, and restores by its id.',
  },
  inspection: {
    step: 'inspection',
    code: 'stale',
    message:
      '20261124T060000Z-1a2b3c4d could only be partly checked: integrity: no verdict within 300 s',
    hint: 'Give the inspection more time (inspection.timeout) or memory, so that the next backup is checked completely; `lifeboat restore-test` checks this one.',
  },
  salvage: {
    step: 'salvage',
    code: 'source_unhealthy',
    message: '2 salvage copies are newer than the newest backup: the database fails its inspection',
    hint: 'Run `lifeboat list shop --all` to see what failed, then repair the database or restore the newest backup.',
  },
  'restore-test': {
    step: 'restore-test',
    code: 'restore_test_failed',
    message:
      'the restore test on 1 Nov 2026, 05:00 GMT-3 failed: orders has 41,200 rows, the manifest says 41,377',
    hint: 'Make a full backup now (`lifeboat backup shop --kind full`), then run `lifeboat restore-test shop`.',
  },
  'restore-test-overdue': {
    step: 'restore-test',
    code: 'stale',
    message: 'no restore test ran yet; one was due on 1 Nov 2026, 05:00 GMT-3',
    hint: 'Run `lifeboat restore-test shop`, then check whether the schedule is paused and read the log of that time.',
  },
  place: {
    step: 'place',
    code: 'config_invalid',
    message: '4.1 GiB is 110 % of what fits into the memory of the function backup (3.7 GiB)',
    hint: 'Set `run: job` for shop in lifeboat.yaml and apply the Terraform of the deployment.',
  },
  schedule: {
    step: 'schedule',
    code: 'stale',
    message: 'the Cloud Scheduler job lifeboat-backup-shop is paused',
    hint: 'Run `gcloud scheduler jobs resume lifeboat-backup-shop --location=REGION` with the region of the deployment, or apply the Terraform of the deployment.',
  },
  store: {
    step: 'store',
    code: 'store_unreachable',
    message: 'gs://acme-backups did not answer within 30 s',
    hint: 'Check the network, then run the command again.',
  },
  unconfigured: {
    step: 'unconfigured',
    code: 'stale',
    message: 'blog is no longer in lifeboat.yaml; its last scheduled backup was 9 days ago',
    hint: 'Add blog to lifeboat.yaml again, or let its backups expire: `lifeboat retire blog`.',
  },
  run: {
    step: 'run',
    code: 'internal',
    message: 'the restore-test that began at 2026-11-23T05:00:00.000Z ended without a word',
    hint: 'The run was killed, or ran out of memory or time. Read the log of that time, raise the limit that it hit, and start the run again.',
  },
};

const GROUPS: [ProblemGroup, ProblemGroup, ProblemGroup] = [
  {
    kind: 'watch-alarm',
    fault: {
      step: 'objects',
      code: 'backup_damaged',
      message: 'the newest backup 20261124T060000Z-1a2b3c4d is damaged: database.zst is missing',
      hint: 'Run `lifeboat verify shop --read-data`, and make a full backup now: `lifeboat backup shop --kind full`.',
    },
    databases: ['shop'],
    lastGood,
  },
  {
    kind: 'failed',
    host: '10.0.0.5',
    fault: {
      ...FAULTS.failed,
      message: 'ssh to backup@10.0.0.5 failed: connect ETIMEDOUT 10.0.0.5:22',
    },
    since: '2026-11-24T05:00:12Z',
    databases: Array.from({ length: 197 }, (_, n) => `tenant-${String(n + 1).padStart(3, '0')}`),
  },
  {
    kind: 'late',
    fault: {
      step: 'late',
      code: 'stale',
      message: 'newest backup: 2 days ago; the next one was due on 23 Nov 2026, 03:00 GMT-3',
      hint: 'Run `lifeboat backup <database>` now, then check whether the schedule is paused and read the log of that time.',
    },
    databases: ['blog', 'wiki'],
  },
];

/** The mail of an alarm of the watch. */
export function alarmSample(fault: ReportedProblem): Notification {
  return { ...ofShop, kind: 'watch-alarm', fault };
}

/** One notification of each kind, as a real installation would send it. */
export const SAMPLES: Readonly<Record<Kind, Notification>> = Object.fromEntries(
  NOTIFICATION_KINDS.map((kind) => [kind, sampleOf(kind)]),
) as Record<Kind, Notification>;

const evil = `<script>alert(1)</script>&"'\`*_~|>${String.fromCodePoint(0x202e)}\r\nBcc: x@example.com${'x'.repeat(6000)}`;

/** Hostile and very long text in every text field of a notification. */
export const HOSTILE: Notification = {
  ...ofShop,
  kind: 'failed',
  database: evil,
  run: evil,
  tool: evil,
  logUrl: `javascript:${evil}`,
  pageUrl: `javascript:${evil}`,
  machine: evil,
  store: evil,
  nextTry: evil,
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
          message: '20261122T060000Z-9f8e7d6c: the table orders has 41200 rows instead of 41377',
        }
      : {}),
  }));
}

function sampleOf(kind: Kind): Notification {
  if (kind === 'sample') return { ...common, kind };
  if (kind === 'digest') return { ...common, logUrl, kind, groups: GROUPS };
  if (kind === 'digest-recovered')
    return {
      ...common,
      logUrl,
      kind,
      groups: [{ ...GROUPS[1], kind: 'recovered', since: '2026-11-23T06:00:12Z' }],
    };
  if (kind === 'recovered') return { ...ofShop, kind, fault: FAULTS.failed };
  if (kind === 'restore-test-passed')
    return { ...common, logUrl, kind, databases: restoreTestRows(4, 0) };
  if (kind === 'restore-test-failed')
    return { ...common, logUrl, kind, databases: restoreTestRows(20, 3) };
  if (kind === 'missing') return { ...ofShop, kind, fault: FAULTS.missing, lastGood: null };
  return { ...ofShop, kind, fault: FAULTS[kind] };
}
