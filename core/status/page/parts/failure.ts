import type { DatabaseStatus } from '../../../documents/status.ts';
import { dotted, prose, relativeText } from './values.ts';
import { html, type Markup } from './html.ts';
import type { PageView } from './view.ts';
import type { RunFailure } from '../../../documents/run.ts';

/** The last failure, unless a later backup or restore test succeeded. */
export function currentFailure({
  condition,
  lastFailure,
  lastBackup,
  lastRestoreTest,
}: DatabaseStatus): RunFailure | undefined {
  if (!lastFailure || condition === 'good') return undefined;
  const since = [
    lastBackup?.takenAt,
    lastRestoreTest?.ok === true ? lastRestoreTest.at : undefined,
  ].filter((at) => at !== undefined);
  return condition === 'failing' || since.every((at) => at < lastFailure.at)
    ? lastFailure
    : undefined;
}

/**
 * A failure: when, why, and what to do. Code, message and hint are always English, because people
 * search for them.
 */
export function failureBox(
  view: PageView,
  { at, code, message, hint, step }: RunFailure,
  when: 'current' | 'past',
): Markup {
  const { label } = view.words;
  return html`<div class="trouble ${when}">
    <p class="what">
      <strong>${label.lastFailure}</strong>
      ${dotted([relativeText(view, at), html`<code>${code}</code>`, step !== undefined && html`${label.step} <code>${step}</code>`])}
    </p>
    <p lang="en">${prose(message)}</p>
    ${hint && html`<p class="hint"><strong>${label.whatToDo}</strong> <span lang="en">${prose(hint)}</span></p>`}
  </div>`;
}
