import type { Condition } from '../../../documents/status.ts';
import { html, literal, type Markup } from './html.ts';

// On a grid of 20 by 20. Each condition has its own shape, because colour alone is not accessible.
const SHAPES: Readonly<Record<Condition, string>> = {
  good: '<circle cx="10" cy="10" r="8.2"/><path d="m6.4 10.3 2.5 2.5 4.9-5.4"/>',
  attention: '<path d="M10 2.6 18.4 17H1.6z"/><path d="M10 8v4.2m0 2.2v.1"/>',
  late: '<circle cx="10" cy="10" r="8.2"/><path d="M10 5.4V10l3 2"/>',
  missing: '<circle cx="10" cy="10" r="8.2" stroke-dasharray="3.1 2.05"/><path d="M6.6 10h6.8"/>',
  failing:
    '<path d="M6.6 1.8h6.8l4.8 4.8v6.8l-4.8 4.8H6.6l-4.8-4.8V6.6z"/><path d="m7.2 7.2 5.6 5.6m0-5.6-5.6 5.6"/>',
};
const ICON_COLOURS: Readonly<Record<Condition, string>> = {
  good: '#1a8f53',
  attention: '#b97a00',
  late: '#c05b00',
  missing: '#c7362c',
  failing: '#c7362c',
};

/** Defines every icon once; `icon` refers to it. */
export function sprite(): Markup {
  return html`<svg class="away" aria-hidden="true" width="0" height="0">
    ${Object.entries(SHAPES).map(([name, shape]) => symbol(name as Condition, shape))}
  </svg>`;
}

export function icon(condition: Condition): Markup {
  return html`<svg class="icon" aria-hidden="true"><use href="#i-${condition}" /></svg>`;
}

/** A lifebuoy. */
export function brand(): Markup {
  return literal(
    '<svg class="brand" viewBox="0 0 24 24" aria-hidden="true"><circle class="buoy" cx="12" cy="12" r="8" fill="none" stroke-width="6"/>' +
      '<circle class="bands" cx="12" cy="12" r="8" fill="none" stroke-width="6" stroke-dasharray="3.6 8.966" stroke-dashoffset="1.8"/></svg>',
  );
}

/** The tab icon shows the condition, so a pinned tab shows it too. */
export function favicon(condition: Condition): string {
  return `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" fill="#fff" stroke="${ICON_COLOURS[condition]}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${SHAPES[condition]}</svg>`,
  )}`;
}

function symbol(condition: Condition, shape: string): Markup {
  return html`<symbol id="i-${condition}" viewBox="0 0 20 20">${literal(shape)}</symbol>`;
}
