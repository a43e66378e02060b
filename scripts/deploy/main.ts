// What infra/deploy needs beyond a shell: reading lifeboat.yaml, keys, and the JSON of gcloud.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { identityToRecipient } from 'age-encryption';
import { loadConfig } from '../../core/config/load.ts';
import { generateKeys } from '../../core/format/keys.ts';
import { toLifeboatError } from '../../core/lib/errors.ts';
import { factsOf, terraformMap } from './facts.ts';
import { quotaIn } from './quota.ts';
import { writeRecipients } from './recipients.ts';

const COMMANDS: Readonly<Record<string, (...args: string[]) => Promise<string>>> = {
  facts,
  identity: async () => (await generateKeys()).identity,
  key: async () => (await generateKeys()).key,
  'check-identity': checkIdentity,
  encrypt,
  'encrypt-others': encryptOthers,
  values,
  quota: async (region = '') => quotaIn(await standardInput(), region),
};

try {
  const [command = '', ...args] = process.argv.slice(2);
  const work = COMMANDS[command];
  if (!work) throw new Error(`no command ${command}`);
  process.stdout.write(`${await work(...args)}\n`);
} catch (error) {
  const { message, code, hint } = toLifeboatError(error);
  console.error(code === 'internal' ? message : `${message}\n${hint}`);
  process.exitCode = 1;
}

function load(config: string) {
  return loadConfig({ configPath: config, cwd: process.cwd(), env: {}, inCloud: true });
}

/**
 * One fact on each line, for `read`: bucket, first database, encrypted or not, secrets, copies,
 * checks, unencrypted databases.
 */
async function facts(config = ''): Promise<string> {
  const all = factsOf(await load(config));
  const { bucket, firstDatabase, encrypted } = all;
  const lists = [all.secrets, all.copies, all.checks, all.unencrypted].map((list) =>
    list.join(' '),
  );
  return [bucket, firstDatabase, encrypted ? 'yes' : 'no', ...lists].join('\n');
}

/** Fails unless every encrypted database has the recipient of one of the identities in the file. */
async function checkIdentity(config = '', file = ''): Promise<string> {
  const own = await recipientsOf(file);
  const wrong = Object.values((await load(config)).databases).filter(
    ({ recipients }) => recipients.length > 0 && !recipients.some((each) => own.includes(each)),
  );
  if (wrong.length === 0) return own.join('\n');
  throw new Error(
    `no identity in the file belongs to the recipients of ${wrong.map(({ name }) => name).join(', ')}`,
  );
}

/** Writes the recipient of the identity into lifeboat.yaml, for every database. */
async function encrypt(config = '', file = ''): Promise<string> {
  const [recipient = ''] = await recipientsOf(file);
  const names = Object.keys((await load(config)).databases);
  await writeRecipients(config, names, [recipient]);
  return recipient;
}

/** Gives the databases without recipients those of the first database that has some. */
async function encryptOthers(config = ''): Promise<string> {
  const databases = Object.values((await load(config)).databases);
  const recipients = databases.find((each) => each.recipients.length > 0)?.recipients ?? [];
  const others = databases.filter((each) => each.recipients.length === 0);
  if (recipients.length === 0) throw new Error(`${config} encrypts no database`);
  const names = others.map(({ name }) => name);
  await writeRecipients(config, names, recipients);
  return recipients.join('\n');
}

/** The files of a folder as a map for TF_VAR_secret_values. */
async function values(folder = ''): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^[A-Z_]+$/.test(name));
  const entries = await Promise.all(
    names.map(async (name): Promise<[string, string]> => [
      name,
      (await readFile(join(folder, name), 'utf8')).trimEnd(),
    ]),
  );
  return terraformMap(Object.fromEntries(entries));
}

async function recipientsOf(file: string): Promise<string[]> {
  const identities = (await readFile(file, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length === 0) throw new Error('the file has no age identity');
  try {
    return await Promise.all(identities.map((identity) => identityToRecipient(identity)));
  } catch (cause) {
    // The error of the library may quote the identity.
    throw new Error('the file has a line that is not an age identity (AGE-SECRET-KEY-1…)', {
      cause,
    });
  }
}

async function standardInput(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}
