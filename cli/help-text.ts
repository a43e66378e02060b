/** What follows the commands in the help and in the man page. */
export const EXAMPLES = `  lifeboat backup ./db.sqlite3                 back up a file into ./backups; no configuration needed
  lifeboat list                                list backups, newest first
  lifeboat restore db --to ./restored.sqlite3  restore the latest backup to a new file
  lifeboat verify db --read-data               read every backup and check that it is undamaged`;

export const EXIT_STATUSES = `0 done, 1 unexpected error, 2 usage or configuration, 3 problem with the database, 4 not found,
5 damaged backup, 6 store unreachable or denied, 7 no space, memory or time, 8 encryption key, 9 backup late or missing,
10 notification failed, 130 interrupted.`;
