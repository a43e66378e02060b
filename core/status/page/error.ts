import { prose } from './parts/values.ts';
import { frame } from './parts/frame.ts';
import { html } from './parts/html.ts';
import { icon } from './parts/icons.ts';
import { pageViewOf, type PageOptions } from './parts/view.ts';
import { overviewPath } from './parts/paths.ts';

/**
 * An error as `LifeboatError` has it. `database` is the name in the path when no such database
 * exists.
 */
export type PageError = {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly database?: string | undefined;
  /** It is about a form that was sent, not about the address of a page. */
  readonly isRefusedForm?: boolean;
};

/** The page of an error: its message, what to do, and its code. */
export function errorPage(
  { code, message, hint, database, isRefusedForm = false }: PageError,
  options: PageOptions,
): string {
  const view = pageViewOf(options, '');
  const { error, label } = view.words;
  const title = isRefusedForm
    ? error.refusedForm
    : code === 'not_found'
      ? error.notFound
      : code === 'usage'
        ? error.usage
        : error.other;
  // The hint may have a command with a name in it, which no translation has.
  const advice = isRefusedForm ? error.refusedFormAdvice() : error.advice(code);
  const english = html`<span lang="en">${prose(hint)}</span>`;
  const steps = html`<p>
      <strong>${label.whatToDo}</strong> ${advice === undefined ? english : prose(advice)}
    </p>
    ${advice !== undefined && html`<p class="soft">${english}</p>`}`;
  const condition = code === 'not_found' ? 'missing' : 'failing';
  const main = html`<section class="verdict ${condition}">
      ${icon(condition)}
      <div>
        <h1>${title}</h1>
        ${database === undefined ? html`<p lang="en">${prose(message)}</p>` : html`<p>${error.noDatabase(database)}</p>`}
      </div>
    </section>
    <section class="panel">
      ${database === undefined && steps}
      <p class="soft">${error.code} <code>${code}</code></p>
      <p><a href="${overviewPath(view.base)}">${error.goToOverview}</a></p>
    </section>`;
  return frame(view, { title, condition, main });
}
