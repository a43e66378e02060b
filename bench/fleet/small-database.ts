import { DatabaseSync } from 'node:sqlite';

/** A small database: a table of 400 rows, in a few pages. */
export function createSmallDatabase(path: string): void {
  change(
    path,
    `create table notes (id integer primary key, body text not null);
     with recursive n(i) as (select 1 union all select i + 1 from n where i < 400)
       insert into notes select i, printf('note %d of a small database', i) from n;`,
  );
}

export function changeSmallDatabase(path: string): void {
  change(path, "update notes set body = body || ', changed' where id = 200");
}

function change(path: string, text: string): void {
  const db = new DatabaseSync(path);
  db.exec(text);
  db.close();
}
