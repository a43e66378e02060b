import { DatabaseSync } from 'node:sqlite';

/** What both tables of the writer hold together, whenever nobody is in the middle of a transaction. */
const TOTAL = 800_000;

/** The rows that the writer has added until now: they only ever grow. */
export function rowsOf(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 300_000 });
  try {
    return (db.prepare('select count(*) as n from a').get() as { n: number }).n;
  } finally {
    db.close();
  }
}

/** Throws unless the file is a sound state between two transactions; returns its rows. */
export function checkContent(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const integrity = JSON.stringify(db.prepare('pragma integrity_check').all());
    if (integrity !== '[{"integrity_check":"ok"}]') throw new Error(`integrity: ${integrity}`);
    const sum = 'select (select sum(amount) from a) + (select sum(amount) from b) as total';
    const { total } = db.prepare(sum).get() as { total: number };
    if (total !== TOTAL) throw new Error(`torn: the sum is ${total}, not ${TOTAL}`);
  } finally {
    db.close();
  }
  return rowsOf(path);
}
