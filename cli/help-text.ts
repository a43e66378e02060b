/** What follows the commands in the help and in the man page. */
export const EXAMPLES = `  lifeboat backup ./db.sqlite3                 back up a file into ./backups; no configuration needed
  lifeboat list                                list backups, newest first
  lifeboat restore db --to ./restored.sqlite3  restore the latest backup to a new file
  lifeboat verify db --read-data               read every backup and check that it is undamaged`;

export const EXIT_STATUSES = `0 done, 1 unexpected error, 2 usage or configuration, 3 problem with the database, 4 not found,
5 damaged backup, 6 store unreachable or denied, 7 no space, memory or time, 8 encryption key, 9 backup late or missing,
10 notification failed, 130 interrupted.`;

/** What the argument `database` of most commands may be. */
export const DATABASE =
  'its name in lifeboat.yaml or in the store; a file backed up without lifeboat.yaml is named after itself (db for db.sqlite3)';

/** What `--at` takes; `canonicalAt` in core/catalog has the rules. */
export const AT =
  'which backup: latest, an ID or its beginning, or a time, which means the newest backup up to then: "2h ago", yesterday (until its end), "2026-11-27 18:00" (in the time zone of the database, UTC without lifeboat.yaml)';
