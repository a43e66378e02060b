import { createHash } from 'node:crypto';
import type { SQLOutputValue } from 'node:sqlite';
import type { RowChange, RowValue } from './row-diff-types.ts';

const MOST_CHARACTERS = 200;

/** A value as documents have it. Integers must have been read as `bigint`. */
export function rowValue(value: SQLOutputValue | undefined): RowValue {
  if (value === null || value === undefined) return { type: 'null' };
  if (typeof value === 'bigint') {
    const number = Number(value);
    return { type: 'integer', value: Number.isSafeInteger(number) ? number : String(value) };
  }
  if (typeof value === 'number')
    return { type: 'real', value: Number.isFinite(value) ? value : String(value) };
  if (typeof value !== 'string')
    return { type: 'blob', bytes: value.byteLength, sha256: digestOfValue(value) };
  const start = value.slice(0, MOST_CHARACTERS).toWellFormed();
  const common = { type: 'text', value: start, length: value.length } as const;
  return value.length <= MOST_CHARACTERS ? common : { ...common, sha256: digestOfValue(value) };
}

/** Bytes that a change takes in memory, roughly. */
export function sizeOfRowChange({ key, columns }: RowChange): number {
  let bytes = 100;
  for (const { column, value } of key) bytes += column.length + sizeOfRowValue(value);
  for (const { column, from, to } of columns)
    bytes += column.length + sizeOfRowValue(from) + sizeOfRowValue(to);
  return bytes;
}

function sizeOfRowValue(value: RowValue | null): number {
  return 100 + (value?.type === 'text' ? value.value.length : 0);
}

function digestOfValue(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}
