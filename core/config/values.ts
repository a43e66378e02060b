import { z } from 'zod';
import { scheduleFault } from '../schedule/cron.ts';
import { nearest } from './nearest.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/text/time.ts';

/** Why a backup is made. `schedule` and `manual` may take weekly and longer slots. */
export const REASONS = ['manual', 'schedule', 'pre-deploy', 'pre-push'] as const;

// Values in the notation of the file. Every default is a `prefault` in that same notation, so that the
// JSON Schema shows it and Terraform can read it there.
const UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};
const SIZES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const FORMS = {
  duration: 'must look like 7d, 2h, 30m or 90s',
  size: 'must look like 512MiB or 1GiB',
  share: 'must look like 50%',
};
const DURATION = /^(\d{1,6})(s|m|h|d)$/;
const SIZE = /^(\d{1,9})(B|KiB|MiB|GiB)$/;
const SHARE = /^([1-9]\d?|100)%$/;

/** A size in bytes. */
export const size = z
  .string()
  .regex(SIZE, FORMS.size)
  .transform((text) => scaled(SIZE, SIZES, text))
  .meta({ title: 'size' });

/** A percentage from 1% to 100%, as a number from 0.01 to 1. */
export const share = z
  .string()
  .regex(SHARE, FORMS.share)
  .transform((text) => Number(text.slice(0, -1)) / 100)
  .meta({ title: 'percentage' });

/** A size, or a share of the whole disk. */
export const reserve = z
  .string()
  .regex(new RegExp(`${SHARE.source}|${SIZE.source}`), 'must look like 10% or 1GiB')
  .transform((text) =>
    text.endsWith('%')
      ? { share: Number(text.slice(0, -1)) / 100 }
      : { bytes: scaled(SIZE, SIZES, text) },
  )
  .meta({ title: 'percentage or size' });

export const timeZone = checked('time zone', zoneProblem);
export const schedule = checked('cron expression', (text) => scheduleFault(text));
export const text = checked('text', (value) => (value.trim() === '' ? 'is empty' : undefined));
export { checked };

const ADDRESS = /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/;

export const address = checked('email address', (value) =>
  isAddress(value) ? undefined : 'is not an email address',
);
export const sender = checked('email address', (value) => {
  const withName = /^[^<>\r\n]+<([^<>]+)>$/.exec(value);
  return isAddress(withName?.[1] ?? value)
    ? undefined
    : 'must look like ops@example.com or Backups <ops@example.com>';
});

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
export const webAddress = checked('web address', (value) => webProblem(value));
export const anyWebAddress = checked('web address', (value) =>
  webProblem(value, { anyHttp: true }),
);

/** A duration in ms, within limits. */
export function duration(least: string, most: string) {
  const toMs = (text: string): number => scaled(DURATION, UNITS, text);
  return z
    .string()
    .regex(DURATION, FORMS.duration)
    .refine(
      (text) => !DURATION.test(text) || (toMs(text) >= toMs(least) && toMs(text) <= toMs(most)),
      `must be between ${least} and ${most}`,
    )
    .transform(toMs)
    .meta({ title: 'duration' });
}

/** Why a web address is invalid; `anyHttp` where nothing secret travels. */
export function webProblem(value: string, { anyHttp = false } = {}): string | undefined {
  const url = urlOf(value);
  if (!url) return 'must look like https://example.com/path';
  if (url.username !== '' || url.password !== '')
    return 'must not contain a user or a password: secrets come from the environment';
  if (url.protocol === 'http:' && !anyHttp && !LOOPBACK.test(url.hostname))
    return 'must begin with https:// (http:// is allowed for 127.0.0.1 only)';
  return undefined;
}

function scaled(pattern: RegExp, units: Readonly<Record<string, number>>, text: string): number {
  const [, number = '', unit = ''] = pattern.exec(text) ?? [];
  return Number(number) * (units[unit] ?? 1);
}

function urlOf(value: string): URL | undefined {
  return /^https?:\/\//i.test(value) && URL.canParse(value) ? new URL(value) : undefined;
}

function zoneProblem(zone: string): string | undefined {
  try {
    // Node takes offsets like +03:00 and any case; Cloud Scheduler takes neither.
    if (
      /^[A-Z]/.test(zone) &&
      new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
    )
      return undefined;
  } catch {
    // Reported below.
  }
  const similar = nearest(zone.trim().replaceAll(' ', '_'), [
    ...Intl.supportedValuesOf('timeZone'),
    'UTC',
  ]);
  return `is not a time zone such as America/Sao_Paulo${similar === undefined ? '' : `. Did you mean \`${similar}\`?`}`;
}

/** A text for which `problem` returns nothing. */
function checked(title: string, problem: (text: string) => string | undefined) {
  return z
    .string()
    .superRefine((text, context) => {
      const message = problem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta({ title });
}

function isAddress(value: string): boolean {
  return value.length <= 254 && ADDRESS.test(value);
}
