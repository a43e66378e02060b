import { commandWord } from '../parts/shell-word.ts';
import { html, type Markup } from '../parts/html.ts';
import { backupFormPath } from '../parts/paths.ts';
import type { BackUpForm, PageView } from '../parts/view.ts';

/** A button that starts a backup, or the command where the page may only read. */
export function backUpSection(
  { words, base }: PageView,
  name: string,
  form: BackUpForm | undefined,
): Markup {
  const { backUpNow } = words.label;
  if (form === undefined)
    return html`<div class="newest">
      <h2>${backUpNow}</h2>
      <pre><code>lifeboat backup ${commandWord(name)}</code></pre>
    </div>`;
  return html`<form class="filter back-up" method="post" action="${backupFormPath(base, name)}">
    <input type="hidden" name="token" value="${form.token}" />
    <button type="submit" ${form.isRunning && html`disabled`}>${backUpNow}</button>
    ${form.isRunning && html`<p class="soft" role="status">${words.page.isRunning}</p>`}
  </form>`;
}
