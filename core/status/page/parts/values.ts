import {
  formatDate,
  formatRelative,
  formatShortTime,
  formatSize,
  formatTime,
} from '../../../lib/text/format.ts';
import { html, type Markup } from './html.ts';
import type { PageView } from './view.ts';

type Piece = string | Markup | undefined | false;

/** How long before the moment of the document: `3 hours ago`, with the time itself as a tooltip. */
export function relativeText({ words, at, timeZone }: PageView, iso: string): Markup {
  return isDate(iso) && isDate(at)
    ? html`<time datetime="${iso}" title="${formatTime(words, iso, timeZone)}"
        >${formatRelative(words, Date.parse(iso) - Date.parse(at))}</time
      >`
    : html`${iso}`;
}

export function absoluteText({ words, timeZone }: PageView, iso: string): Markup {
  return isDate(iso)
    ? html`<time datetime="${iso}">${formatTime(words, iso, timeZone)}</time>`
    : html`${iso}`;
}

export function dateText({ words, timeZone }: PageView, iso: string): string {
  return formatDate(words, iso, timeZone);
}

/** `22 Nov, 03:00`, or `22 Nov`: beside an age, and for an axis of time. */
export function shortTimeText(
  { words, timeZone }: PageView,
  iso: string,
  dayOnly: boolean = false,
): string {
  return formatShortTime(words, iso, timeZone, dayOnly);
}

export function sizeText({ words }: Pick<PageView, 'words'>, bytes: number): string {
  return formatSize(words, bytes);
}

/** `a · b · c`, without absent pieces. A line breaks only after a dot. */
export function dotted(pieces: readonly Piece[]): Markup {
  const present = pieces.filter((piece) => piece !== undefined && piece !== false && piece !== '');
  return html`${present.map((piece, n) => html`<span>${piece}${n < present.length - 1 && '\u00A0·'}</span> `)}`;
}

/** The columns of a line; an absent one keeps its place. */
export function cells(pieces: readonly Piece[]): Markup {
  return html`<p class="cells">${pieces.map((piece) => html`<span>${piece}</span> `)}</p>`;
}

/** The text of an error, in which `this` is code. */
export function prose(text: string): Markup {
  return html`${text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function isDate(iso: string): boolean {
  return !Number.isNaN(Date.parse(iso));
}
