import { en } from './en.ts';
import { ptBr } from './pt-br.ts';
import type { Locale, Words } from './words.ts';

export const wordsOf = (locale: Locale): Words => (locale === 'pt-BR' ? ptBr : en);

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** `12.4 MiB`, or `12,4 MiB`. */
export const formatSize = ({ intl }: Words, bytes: number): string => {
  if (!Number.isFinite(bytes) || bytes < 0) return '?';
  const power = Math.min(BYTES.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const number = new Intl.NumberFormat(intl, { maximumFractionDigits: power === 0 ? 0 : 1 }).format(bytes / 1024 ** power);
  return `${number} ${BYTES[power] ?? 'B'}`;
};

/** How long, in its largest unit, rounded down: `3 days`, `1 hora`. */
export const formatLasting = (words: Words, ms: number): string => {
  const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? [];
  if (!unit) return words.lessThanAMinute;
  return new Intl.NumberFormat(words.intl, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.floor(ms / size));
};

/** How long a piece of work took: `1.4 s`, `2 min 5 s`. */
export const formatTook = ({ intl }: Words, ms: number): string => {
  if (!Number.isFinite(ms) || ms < 0) return '?';
  const seconds = Math.round(ms / 1000);
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${new Intl.NumberFormat(intl, { maximumFractionDigits: 1 }).format(ms / 1000)} s`;
};

/** `24 Nov 2026, 03:00 GMT-3`. Never throws: what is no date, or no time zone, must not keep a failure from being told. */
export const formatTime = ({ intl }: Words, iso: string, timeZone: string): string => {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const options = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
  try {
    return new Intl.DateTimeFormat(intl, { ...options, timeZone }).format(moment);
  } catch {
    return new Intl.DateTimeFormat(intl, { ...options, timeZone: 'UTC' }).format(moment);
  }
};
