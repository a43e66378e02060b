/** Names of the rows, which targets and ratios go by. */
export const NAMES = {
  quick: 'lifeboat',
  full: 'lifeboat, integrity_check',
  writer: 'lifeboat, under a writer',
  chain: 'lifeboat, a long chain',
  sqlite: 'sqlite3 integrity_check alone',
  restic: 'restic',
  borg: 'borg',
  shell: 'shell pipeline',
} as const;
