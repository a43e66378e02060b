type Event = { readonly when: string; readonly fields: readonly string[] };

/**
 * Every event of the log, and the fields that it may have besides severity, time and message.
 * docs/operations.md has the same table, by a test.
 */
export const LOG_EVENTS = {
  run: {
    when: 'a run ended: INFO, or ERROR when it failed; a watch with alarms is a WARNING',
    fields: [
      'operation',
      'database',
      'run',
      'reason',
      'ok',
      'startedAt',
      'durationMs',
      'steps',
      'backup',
      'kind',
      'verdict',
      'bytes',
      'pages',
      'databases',
      'verdicts',
      'alarms',
      'code',
      'hint',
      'step',
    ],
  },
  'lost-run': {
    when: 'a run started and never ended; a later run found it',
    fields: ['database', 'run'],
  },
  record: {
    when: 'the record, report or summary of a run could not be stored',
    fields: ['database', 'code', 'hint'],
  },
  copy: {
    when: 'a backup could not be copied to a further store',
    fields: ['database', 'code', 'hint'],
  },
  fallback: { when: 'the first store failed, and a copy is read instead', fields: ['code'] },
  promoted: {
    when: 'a backup is kept longer because the one that held its slot is damaged',
    fields: ['database'],
  },
  unreadable: {
    when: 'a manifest or the fingerprints of a backup cannot be read',
    fields: ['database', 'backup', 'code'],
  },
  damage: {
    when: 'a backup was found damaged (ERROR) or sound again (INFO), a backup is full because of damage, or the finding could not be recorded (WARNING)',
    fields: ['database', 'backup', 'code', 'hint'],
  },
  clock: {
    when: 'the clock of this machine differs from the store, a backup has a time in the future, or expired backups were kept because the clock may have jumped ahead',
    fields: ['database', 'run', 'backup', 'hint'],
  },
  snapshot: {
    when: 'a snapshot starts over in another way because of a writer',
    fields: ['database'],
  },
  hook: {
    when: 'a hook of a database ended: INFO; WARNING when `after` failed, ERROR when `before` failed',
    fields: ['database', 'run', 'hook', 'ok', 'durationMs', 'output', 'code', 'hint'],
  },
  prune: { when: 'expired backups could not be deleted from a folder', fields: ['code', 'hint'] },
  space: {
    when: 'a folder store has less free space than its reserve',
    fields: ['database', 'run', 'hint'],
  },
  watch: { when: 'one alarm of a watch', fields: ['database', 'check', 'about', 'hint', 'run'] },
  ping: { when: 'the ping URL could not be reached', fields: ['hint'] },
  notification: {
    when: 'a channel was notified (INFO), or could not be notified (ERROR)',
    fields: ['kind', 'database', 'run', 'channel', 'durationMs', 'code', 'hint'],
  },
  message: {
    when: 'a Pub/Sub message was dropped, or acknowledged without being processed',
    fields: ['message_id', 'code', 'hint'],
  },
  job: {
    when: 'a Cloud Run job did not start, or ends with a status other than 0',
    fields: ['database', 'code', 'hint'],
  },
  configuration: {
    when: 'an instance of a function reads a new lifeboat.yaml (INFO), or keeps the last valid one because the new one is invalid or refused (ERROR) or the bucket did not answer (WARNING)',
    fields: ['code', 'hint'],
  },
  request: { when: 'a function answered an HTTP request', fields: ['httpRequest'] },
  status: {
    when: 'the status could not be shown (ERROR), or Cloud Scheduler did not answer (WARNING)',
    fields: ['code', 'hint'],
  },
} as const satisfies Record<string, Event>;

type Events = typeof LOG_EVENTS;
type Of<E extends keyof Events> = { readonly event: E } & {
  readonly [F in Events[E]['fields'][number]]?: unknown;
};

/** What is logged beside the message: an event of the list and nothing but its fields. */
export type Logged = {
  [E in keyof Events]: Of<E> & {
    /** What was thrown; not logged itself. An ERROR has its stack. */
    readonly cause?: unknown;
  };
}[keyof Events];
