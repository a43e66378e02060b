/** Names of the rows, which targets and ratios go by. */
export const NAMES = {
  quick: 'lifeboat',
  full: 'lifeboat, integrity_check',
  writer: 'lifeboat, under a writer',
  copied: 'lifeboat, integrity_check, under a writer',
  chain: 'lifeboat, a long chain',
  bucket: 'lifeboat, backup-now into a bucket',
  sqlite: 'sqlite3 integrity_check alone',
  vacuum: 'sqlite3 VACUUM INTO alone',
  restic: 'restic',
  proven: 'restic --verify, then sync',
  borg: 'borg',
  shell: 'shell pipeline',
} as const;

/** The other programs, by the key of their name. */
export const PEER_KEYS = ['sqlite', 'vacuum', 'restic', 'borg', 'shell'] as const;
