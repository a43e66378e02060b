// Which names in a store are Lifeboat's (docs/format.md). A store may be a folder with other files
// in it, so nothing is deleted by a looser pattern than these.
import { NAME } from '../config/database.ts';
import { BACKUP_ID } from '../format/manifest.ts';

/** All keys of Lifeboat begin with one of these. */
export const PREFIXES = ['databases/', 'runs/', 'reports/', 'state/'] as const;

const RUN = /^\d{8}T\d{6}Z-[0-9a-f]{8}-[0-9a-f]{8}$/;
const DATED = /^\d{8}T\d{6}Z-[0-9a-f]{8}\.json$/;
const STATE = new RegExp(String.raw`^(_store|${NAME.source.slice(1, -1)})\.json$`);
const BUNDLE = new RegExp(String.raw`^${NAME.source.slice(1, -1)}\.json\.gz$`);
const ATTEMPT = /^[0-9a-f]{8}$/;
const DATA = /^(salvage-)?((database\.sqlite3|pages)\.zst(\.age)?|fingerprints)$/;

/** One row for each kind of key, one pattern for each of its segments. */
const LAYOUT: readonly (readonly RegExp[])[] = [
  [/^databases$/, NAME, BACKUP_ID, /^manifest\.json$/],
  [/^databases$/, NAME, BACKUP_ID, ATTEMPT, DATA],
  [/^runs$/, NAME, RUN, /^(started|ended)\.json$/],
  [/^runs$/, NAME, /^requests$/, /^[0-9a-f]{32}\.json$/],
  [/^runs$/, /^_doctor$/, DATED],
  [/^reports$/, /^restore-tests$/, NAME, DATED],
  [/^state$/, STATE],
  [/^state$/, /^_overview\.json\.gz$/],
  [/^state$/, /^damaged$/, STATE],
  [/^state$/, /^manifests$/, BUNDLE],
];

/** Whether Lifeboat writes objects with this key. */
export function isOwnKey(key: string): boolean {
  const segments = key.split('/');
  return LAYOUT.some((row) => row.length === segments.length && isStartOf(row, segments));
}

/** Whether keys of Lifeboat are in this folder, or in a folder below it. */
export function isOwnFolder(folder: string): boolean {
  const segments = folder.split('/');
  return LAYOUT.some((row) => row.length > segments.length && isStartOf(row, segments));
}

/** Whether Lifeboat writes objects into this very folder. */
export function holdsOwnObjects(folder: string): boolean {
  const segments = folder.split('/');
  return LAYOUT.some((row) => row.length === segments.length + 1 && isStartOf(row, segments));
}

function isStartOf(row: readonly RegExp[], segments: readonly string[]): boolean {
  return segments.every((segment, at) => row[at]?.test(segment) === true);
}
