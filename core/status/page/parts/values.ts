import { formatDate, formatRelative, formatSize, formatTime } from '../../../lib/format.ts';
import { html, type Markup } from './html.ts';
import type { View } from './view.ts';

type Piece = string | Markup | undefined | false;

/** A moment seen from the document's: `3 hours ago`, and the time itself for whoever points at it. */
export function relative({ words, at, timeZone }: View, iso: string): Markup {
  return isDate(iso) && isDate(at)
    ? html`<time datetime="${iso}" title="${formatTime(words, iso, timeZone)}"
        >${formatRelative(words, Date.parse(iso) - Date.parse(at))}</time
      >`
    : html`${iso}`;
}

export function absolute({ words, timeZone }: View, iso: string): Markup {
  return isDate(iso)
    ? html`<time datetime="${iso}">${formatTime(words, iso, timeZone)}</time>`
    : html`${iso}`;
}

export function date({ words, timeZone }: View, iso: string): string {
  return formatDate(words, iso, timeZone);
}

export function size({ words }: View, bytes: number): string {
  return formatSize(words, bytes);
}

/** `a · b · c`, without what is absent. A line breaks after a dot only. */
export function dotted(parts: readonly Piece[]): Markup {
  const there = parts.filter((part) => part !== undefined && part !== false && part !== '');
  return html`${there.map((part, n) => html`<span>${part}${n < there.length - 1 && '\u00A0·'}</span> `)}`;
}

/** Columns of one line; an absent one keeps its place. */
export function cells(parts: readonly Piece[]): Markup {
  return html`<p class="cells">${parts.map((part) => html`<span>${part}</span> `)}</p>`;
}

/** Text of an error, in which `this` is code. */
export function prose(text: string): Markup {
  return html`${text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function isDate(iso: string): boolean {
  return !Number.isNaN(Date.parse(iso));
}
