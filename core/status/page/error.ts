import { prose } from './parts/values.ts';
import { frame } from './parts/frame.ts';
import { html } from './parts/html.ts';
import { icon } from './parts/icons.ts';
import { viewOf, type PageOptions } from './parts/view.ts';
import { overviewPath } from './parts/paths.ts';

/** A page for what went wrong: the code, the message and what to do. */
export function errorPage(
  {
    code,
    message,
    hint,
  }: { readonly code: string; readonly message: string; readonly hint: string },
  options: PageOptions,
): string {
  const view = viewOf(options, '');
  const { error, label } = view.words;
  const title = code === 'not_found' ? error.notFound : error.other;
  const condition = code === 'not_found' ? 'missing' : 'failing';
  const main = html`<section class="verdict ${condition}">
      ${icon(condition)}
      <div>
        <h1>${title}</h1>
        <p lang="en">${prose(message)}</p>
      </div>
    </section>
    <section class="panel">
      <p><strong>${label.whatToDo}</strong> <span lang="en">${prose(hint)}</span></p>
      <p class="soft">${error.code} <code>${code}</code></p>
      <p><a href="${overviewPath(view.base)}">${label.back}</a></p>
    </section>`;
  return frame(view, { title, condition, main });
}
