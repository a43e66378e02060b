import { DatabaseSync } from 'node:sqlite';
import { INSERT_ORDER, shopRows } from './shop.ts';

// Stands in for a web application: places orders until SIGTERM.
const [path = ''] = process.argv.slice(2);
const db = new DatabaseSync(path, { timeout: 5000 });
const rows = shopRows(Date.now());
const order = db.prepare(INSERT_ORDER);
const ship = db.prepare("update orders set state = 'shipped' where id = ?");
const customers = Number(db.prepare('select count(*) as n from customers').get()?.['n']);

const timer = setInterval(() => {
  db.exec('begin immediate');
  for (let n = 0; n < 2; n += 1) order.run(...rows.order(customers));
  ship.run(rows.between(1, 1000));
  db.exec('commit');
}, 25);

process.on('SIGTERM', () => {
  clearInterval(timer);
  db.close();
  process.exit(0);
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.send?.('writing');
