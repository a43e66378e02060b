import { DatabaseSync } from 'node:sqlite';

/** Two tables, a few hundred rows, some tens of pages. */
export const SMALL = `
  create table notes (id integer primary key, body text not null);
  create table tags (id integer primary key, note integer references notes(id), name text);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 400)
    insert into notes select i, printf('note %d %s', i, hex(zeroblob(100))) from n;
  insert into tags select id, id, 'tag ' || id from notes where id % 3 = 0;
`;

/** Creates or changes a database with plain SQL. */
export function sql(path: string, text: string): void {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, defensive: false });
  try {
    db.exec(text);
  } finally {
    db.close();
  }
}
