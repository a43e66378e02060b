import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NAMES, PEER_KEYS } from './subjects/names.ts';

export type Arguments = {
  /** Bytes of the database. */
  readonly size: number;
  /** How often each thing is measured; the median counts. */
  readonly repeat: number;
  /** Increments of a chain whose restore is measured besides; 0 for none. */
  readonly chain: number;
  /** Keeps the database from run to run; the folder of a run is made in it. */
  readonly folder: string;
  /** Databases that one message backs up, measured instead of everything else; 0 for none. */
  readonly fleet: number;
  /** Publishes the results in docs/benchmarks.md. */
  readonly save: boolean;
  /** Databases whose status is measured instead of everything else; 0 for none. */
  readonly status: number;
  /** Rows of peers to leave out. */
  readonly without: readonly string[];
};

export const USAGE = `npm run bench -- [--size 1GiB] [--repeat 1] [--chain 0] [--folder <dir>] [--without borg,shell] [--save]
npm run bench -- --fleet 1000
npm run bench -- --status 5000

  --size     of the shop database: KiB, MiB or GiB
  --repeat   measure everything so often and take the medians
  --chain    measure the restore of a chain of so many increments, too
  --fleet    measure only this: one message for 10, 100 and so many small databases; needs Java and the Pub/Sub emulator
  --status   measure only this: the status page, its JSON and the metrics of so many databases
  --folder   where the database is kept for the next run, and where all else is made and removed again
  --without  peers to leave out: sqlite (and with it the full check), vacuum, restic, borg, shell, separated by commas
  --save     write the results into docs/benchmarks.md, with its charts
`;

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Throws an Error that says which argument is wrong. */
export function parseArguments(args: readonly string[], temporary: string): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '1GiB' },
      repeat: { type: 'string', default: '1' },
      chain: { type: 'string', default: '0' },
      fleet: { type: 'string', default: '0' },
      status: { type: 'string', default: '0' },
      folder: { type: 'string', default: join(temporary, 'lifeboat-bench') },
      save: { type: 'boolean', default: false },
      without: { type: 'string', default: '' },
    },
  });
  return {
    size: parseSize(values.size),
    repeat: parseCount('repeat', values.repeat, 1),
    chain: parseCount('chain', values.chain, 0),
    fleet: parseCount('fleet', values.fleet, 0),
    status: parseCount('status', values.status, 0, 10_000),
    folder: values.folder,
    save: values.save,
    without: parsePeers(values.without),
  };
}

function parseSize(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)(KiB|MiB|GiB)$/.exec(text) ?? [];
  const size = Number(digits) * (UNITS[unit] ?? 0);
  if (size < 2 ** 18) throw new Error(`--size is at least 256KiB, like 256MiB or 1GiB: ${text}`);
  return size;
}

function parseCount(name: string, text: string, least: number, most = 1000): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= least && count <= most))
    throw new Error(`--${name} is a number from ${least} to ${most}: ${text}`);
  return count;
}

function parsePeers(text: string): string[] {
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const key = PEER_KEYS.find((each) => each === name);
      if (!key) throw new Error(`--without takes ${PEER_KEYS.join(', ')}: ${name}`);
      return NAMES[key];
    });
}
