import { DatabaseSync } from 'node:sqlite';

// An application: every transaction moves money between two tables and adds a row to one of them, so
// a torn copy shows in the sum and a stale one in the number of rows.
const [path = '', mode = 'wal', pauseMs = '50'] = process.argv.slice(2);
const ROWS = 400;
// A backup may lock the database for long on a slow machine. Longer than this is a finding: the
// writer dies of it.
const db = new DatabaseSync(path, { timeout: 300_000 });
db.exec(`pragma journal_mode = ${mode}; pragma synchronous = off; begin immediate;
  create table if not exists a (id integer primary key, amount integer, note text);
  create table if not exists b (id integer primary key, amount integer, note text);`);
for (const table of ['a', 'b']) {
  const fill = db.prepare(`insert or ignore into ${table} values (?, 1000, hex(randomblob(200)))`);
  for (let id = 1; id <= ROWS; id += 1) fill.run(id);
}
db.exec('commit');
const debit = db.prepare(
  'update a set amount = amount - 7, note = hex(randomblob(200)) where id = ?',
);
const credit = db.prepare('update b set amount = amount + 7 where id = ?');
const append = db.prepare('insert into a (amount, note) values (0, ?)');
process.on('disconnect', () => process.exit(0));
turn();
process.send?.('ready');

function turn(): void {
  db.exec('begin immediate');
  for (let n = 0; n < 5; n += 1) {
    debit.run(1 + Math.floor(Math.random() * ROWS));
    credit.run(1 + Math.floor(Math.random() * ROWS));
  }
  append.run('x');
  db.exec('commit');
  setTimeout(turn, Number(pauseMs));
}
