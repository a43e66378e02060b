import { formatDate, formatRelative, formatSize, formatTime } from '../../../lib/format.ts';
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
  isDate(iso)
    ? html`<time datetime="${iso}">${formatTime(words, iso, timeZone)}</time>`
    : html`${iso}`;

export const date = ({ words, timeZone }: View, iso: string): string =>
  formatDate(words, iso, timeZone);
export const size = ({ words }: View, bytes: number): string => formatSize(words, bytes);

type Piece = string | Markup | undefined | false;

/** `a · b · c`, without what is absent. A line breaks after a dot only. */
export const dotted = (parts: readonly Piece[]): Markup => {
  const there = parts.filter((part) => part !== undefined && part !== false && part !== '');
  return html`${there.map((part, n) => html`<span>${part}${n < there.length - 1 && '\u00A0·'}</span> `)}`;
};

/** Columns of one line; an absent one keeps its place. */
export const cells = (parts: readonly Piece[]): Markup =>
  html`<p class="cells">${parts.map((part) => html`<span>${part}</span> `)}</p>`;

/** Text of an error, in which `this` is code. */
export const prose = (text: string): Markup =>
  html`${text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part))}`;
