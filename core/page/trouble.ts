import type { Failure } from '../operations/runs.ts';
import { dotted, prose, relative } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { View } from './options.ts';

/** A failure as it was: what, when, why, and what to do. Code, message and hint are English everywhere: people search for them. */
export const trouble = (view: View, { at, code, message, hint, step }: Failure): Markup => {
  const { label } = view.words;
  return html`<div class="trouble">
    <p class="what">
      <strong>${label.lastFailure}</strong>
      ${dotted([relative(view, at), html`<code>${code}</code>`, step !== undefined && html`${label.step} <code>${step}</code>`])}
    </p>
    <p lang="en">${prose(message)}</p>
    ${hint && html`<p class="hint"><strong>${label.whatToDo}</strong> <span lang="en">${prose(hint)}</span></p>`}
  </div>`;
};
