// SQLite's result codes, by their names without `SQLITE_`: https://www.sqlite.org/rescode.html
export const PERM = 3;
export const BUSY = 5;
export const READONLY = 8;
export const IOERR = 10;
export const CORRUPT = 11;
export const FULL = 13;
export const CANTOPEN = 14;
export const AUTH = 23;
export const NOTADB = 26;
/** An extended code of READONLY: a journal has to be rolled back first. */
export const READONLY_ROLLBACK = 776;

/** The code, possibly extended, of an error of node:sqlite; 0 for any other error. */
export function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : 0;
}

/** The code without its extension, which is in the upper bits. */
export function primaryCode(error: unknown): number {
  return resultCode(error) & 0xff;
}
