import { DatabaseSync } from 'node:sqlite';

// An application that runs beside the backup: each transaction moves money between two tables, so a torn copy shows in the sum.
const [path = '', mode = 'wal', pause = '0'] = process.argv.slice(2);
const db = new DatabaseSync(path, { timeout: 10_000 });
db.exec(`pragma journal_mode = ${mode}; pragma synchronous = off; pragma cache_size = 20`);
db.exec(
  'create table if not exists a (id integer primary key, amount integer, note text); create table if not exists b (id integer primary key, amount integer, note text)',
);
const fill = db.prepare('insert or ignore into a values (?, 1000, hex(randomblob(300)))');
const fillB = db.prepare('insert or ignore into b values (?, 1000, hex(randomblob(300)))');
db.exec('begin');
for (let id = 1; id <= 3000; id += 1) {
  fill.run(id);
  fillB.run(id);
}
db.exec('commit');
const take = db.prepare(
  'update a set amount = amount - 7, note = hex(randomblob(300)) where id = ?',
);
const give = db.prepare(
  'update b set amount = amount + 7, note = hex(randomblob(300)) where id = ?',
);
const log = db.prepare('insert into a (amount, note) values (0, hex(randomblob(200)))');
let turns = 0;
function turn() {
  const until = Date.now() + 20;
  while (Date.now() < until) {
    db.exec('begin immediate');
    for (let n = 0; n < 12; n += 1) {
      take.run(1 + Math.floor(Math.random() * 3000));
      give.run(1 + Math.floor(Math.random() * 3000));
    }
    log.run();
    db.exec('commit');
    turns += 1;
  }
  process.send?.(turns);
  setTimeout(turn, Number(pause));
}
process.on('disconnect', () => process.exit(0));
process.on('message', () => {
  db.close();
  process.exit(0);
});
turn();
