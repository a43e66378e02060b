import { formatDate, formatRelative, formatSize, formatTime } from '../locale/format.ts';
import { html, type Markup } from './html.ts';
import type { View } from './options.ts';

const isDate = (iso: string): boolean => !Number.isNaN(Date.parse(iso));

/** A moment seen from the document's: `3 hours ago`, and the time itself for whoever points at it. */
export const relative = ({ words, at, timeZone }: View, iso: string): Markup =>
  isDate(iso) && isDate(at)
    ? html`<time datetime="${iso}" title="${formatTime(words, iso, timeZone)}"
        >${formatRelative(words, Date.parse(iso) - Date.parse(at))}</time
      >`
    : html`${iso}`;

export const absolute = ({ words, timeZone }: View, iso: string): Markup =>
  isDate(iso) ? html`<time datetime="${iso}">${formatTime(words, iso, timeZone)}</time>` : html`${iso}`;

export const date = ({ words, timeZone }: View, iso: string): string => formatDate(words, iso, timeZone);
export const size = ({ words }: View, bytes: number): string => formatSize(words, bytes);

/** `a · b · c`, without what is absent. */
export const dotted = (parts: readonly (string | Markup | undefined | false)[]): Markup =>
  html`${parts.filter((part) => part !== undefined && part !== false && part !== '').map((part, n) => html`${n > 0 && ' · '}${part}`)}`;

/** Text of an error, in which `this` is code. */
export const prose = (text: string): Markup => html`${text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part))}`;
