import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityToRecipient } from 'age-encryption';
import { openApp } from '../../core/app/open.ts';
import { identityOf, keyOf } from './known-identity.ts';
import { sql, SMALL } from './databases.ts';

// Run once by hand for each version of the format, with the new kinds of vectors: node
// test/support/make-vectors.ts v1 numbered. Existing vectors are never created again.
const [version = '', ...kinds] = process.argv.slice(2);
const home = join(import.meta.dirname, '..', 'vectors', version);
const CHANGES = [
  "update notes set body = 'changed' where id = 200",
  "insert into notes (body) select body || ' again' from notes where id < 60",
  'delete from notes where id > 300; vacuum',
];
const recipient = await identityToRecipient(identityOf('lifeboat test vector'));

for (const kind of kinds) {
  if (existsSync(join(home, kind))) throw new Error(`${join(home, kind)} exists`);
  const cwd = mkdtempSync(join(tmpdir(), 'lifeboat-vector-'));
  const isEncrypted = kind === 'encrypted' || kind === 'numbered';
  const encryption = isEncrypted ? `, encryption: { recipients: [${recipient}] }` : '';
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { notes: { source: notes.db${encryption} } }`,
  );
  let at = Date.parse('2026-11-23T03:00:00Z');
  const env = kind === 'plain' ? {} : { LIFEBOAT_KEY: keyOf('lifeboat test vector') };
  const app = await openApp({
    cwd,
    env,
    overrides: { now: () => new Date((at += 1000)), tool: 'lifeboat test vector' },
  });
  const expected: Record<string, string> = {};
  for (const change of [SMALL, ...CHANGES]) {
    sql(join(cwd, 'notes.db'), change);
    const { id, sha256 } = await app.backup('notes', { kind: 'incremental', reason: 'schedule' });
    expected[id] = sha256;
  }
  mkdirSync(home, { recursive: true });
  cpSync(join(cwd, 'backups'), join(home, kind), { recursive: true });
  writeFileSync(join(home, `${kind}.json`), `${JSON.stringify(expected, null, 1)}\n`);
  rmSync(cwd, { recursive: true });
}
process.stdout.write(`${readdirSync(home, { recursive: true }).length} files in ${home}\n`);
