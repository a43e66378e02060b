/** The operations, each loaded when it is first called: `list` needs none of them. */
export const operations = {
  backup: () => import('../backup/backup.ts'),
  diff: () => import('../restore/diff.ts'),
  messages: () => import('../messages/messages.ts'),
  notifyTest: () => import('../notify/test.ts'),
  prune: () => import('../upkeep/prune.ts'),
  query: () => import('../restore/query.ts'),
  restore: () => import('../restore/restore.ts'),
  restoreTest: () => import('../restore/report.ts'),
  retire: () => import('../upkeep/retire.ts'),
  round: () => import('../restore/round.ts'),
  status: () => import('../status/status.ts'),
  verify: () => import('../upkeep/verify.ts'),
  watch: () => import('../watch/watch.ts'),
};
