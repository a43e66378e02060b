import { DatabaseSync } from 'node:sqlite';

const SYLLABLES =
  'ba be bi bo bu ca ce ci co cu da de di do du fa fe ga go la le li lo lu ma me mi mo mu na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo'.split(
    ' ',
  );
const STATES = ['placed', 'paid', 'packed', 'shipped', 'delivered', 'returned'];

export const SHOP_SCHEMA = `
  create table customers (id integer primary key, name text not null, email text not null, city text not null, joined text not null);
  create unique index customers_email on customers(email);
  create table orders (id integer primary key, customer_id integer not null references customers(id), reference text not null,
    state text not null, placed_at text not null, total_cents integer not null, note text not null);
  create unique index orders_reference on orders(reference);
  create index orders_customer on orders(customer_id);
  create index orders_placed on orders(placed_at);
  create table django_migrations (id integer primary key, app text not null, name text not null, applied text not null);
  insert into django_migrations (app, name, applied) values
    ('shop', '0001_initial', '2025-01-10 09:00:00'), ('shop', '0002_orders', '2025-02-03 09:00:00');
`;

export type Shop = {
  customer(): string[];
  order(customers: number): (string | number)[];
  between(from: number, to: number): number;
};

export const INSERT_CUSTOMER =
  'insert into customers (name, email, city, joined) values (?, ?, ?, ?)';
export const INSERT_ORDER =
  'insert into orders (customer_id, reference, state, placed_at, total_cents, note) values (?, ?, ?, ?, ?, ?)';

/** Rows of a plausible small shop; the same seed gives the same rows. */
export function shopRows(seed = 1): Shop {
  const random = seeded(seed);
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const word = () =>
    Array.from({ length: between(2, 4) }, () => SYLLABLES[between(0, SYLLABLES.length - 1)]).join(
      '',
    );
  const vocabulary = Array.from({ length: 6000 }, word);
  // The square favours the first words: a few are frequent and most are rare, as in real text.
  const frequent = () => vocabulary[Math.floor(random() ** 2 * vocabulary.length)] ?? '';
  const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const moment = () =>
    new Date(Date.UTC(2022, 0, 1) + Math.floor(random() * 4 * 365 * 86_400_000)).toISOString();
  const hex = (digits: number) =>
    Array.from({ length: digits / 4 }, () => between(0, 65_535).toString(16).padStart(4, '0')).join(
      '',
    );
  return {
    between,
    customer: () => {
      const [first, last] = [frequent(), frequent()];
      return [
        `${capital(first)} ${capital(last)}`,
        `${first}.${last}.${hex(8)}@example.com`,
        capital(frequent()),
        moment(),
      ];
    },
    order: (customers) => {
      const note = Array.from({ length: between(4, 60) }, frequent).join(' ');
      return [
        between(1, customers),
        hex(16),
        STATES[between(0, 5)] ?? '',
        moment(),
        between(100, 90_000),
        `${capital(note)}.`,
      ];
    },
  };
}

/** Creates a shop database of about `bytes` bytes at `path`; 4 KiB pages, WAL. */
export function createShop(path: string, bytes: number, seed = 1): void {
  const db = new DatabaseSync(path);
  const rows = shopRows(seed);
  db.exec('pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -262144');
  db.exec(SHOP_SCHEMA);
  const customer = db.prepare(INSERT_CUSTOMER);
  const order = db.prepare(INSERT_ORDER);
  const pages = db.prepare(
    'select page_count * page_size as bytes from pragma_page_count, pragma_page_size',
  );
  const customers = Math.max(50, Math.floor(bytes / 5000));
  db.exec('begin');
  for (let n = 0; n < customers; n += 1) customer.run(...rows.customer());
  while (Number(pages.get()?.['bytes']) < bytes)
    for (let n = 0; n < 500; n += 1) order.run(...rows.order(customers));
  db.exec('commit; pragma wal_checkpoint(truncate); pragma synchronous = full');
  db.close();
}

export function countOrders(file: string | URL): number {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    return Number(db.prepare('select count(*) as n from orders').get()?.['n']);
  } finally {
    db.close();
  }
}

// A small deterministic generator (mulberry32): two runs of the demo or the benchmark get the same
// bytes.
function seeded(seed: number) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
