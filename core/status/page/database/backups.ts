import type { HistoryEntry } from '../../../documents/status.ts';
import { chainsOf, type Chain } from './chains.ts';
import { absoluteText, cells, dateText, dotted, relativeText, sizeText } from '../parts/values.ts';
import { html, type Markup } from '../parts/html.ts';
import type { PageView } from '../parts/view.ts';
import { restoreCommand } from './restore-command.ts';

// Older chains are folded away, so that the keyboard does not stop at four hundred commands.
const OPEN_CHAINS = 3;

/** The chains, newest first, with the command that restores each backup. */
export function backupsSection(view: PageView, history: readonly HistoryEntry[]): Markup {
  const { page, label } = view.words;
  const chains = chainsOf(history);
  const [open, rest] = [chains.slice(0, OPEN_CHAINS), chains.slice(OPEN_CHAINS)];
  const folded = rest.reduce(
    (sum, { base, incrementals }) => sum + incrementals.length + (base ? 1 : 0),
    0,
  );
  return html`<section class="panel" aria-labelledby="backups">
    <h2 id="backups">${page.backups}</h2>
    ${history.length === 0 ? html`<p class="soft">${label.noBackup}</p>` : html`<p class="soft">${page.backupsHint}</p>`}
    ${open.map((chain) => chainView(view, chain))}
    ${
      folded > 0 &&
      html`<details class="rest">
        <summary>${page.olderBackups(folded)}</summary>
        ${rest.map((chain) => chainView(view, chain))}
      </details>`
    }
  </section>`;
}

function chainView(view: PageView, { base, incrementals }: Chain): Markup {
  const { page, stored } = view.words;
  const all = base ? [...incrementals, base] : incrementals;
  const bytes = all.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  return html`<section class="chain">
    <h3>
      ${base ? page.chainOf(dateText(view, base.takenAt)) : page.baseNotListed}
      <span class="soft"
        >${dotted([incrementals.length > 0 && page.incrementals(incrementals.length), stored(sizeText(view, bytes))])}</span
      >
    </h3>
    <ol>
      ${all.map((entry) => backupItem(view, entry))}
    </ol>
  </section>`;
}

function backupItem(view: PageView, entry: HistoryEntry): Markup {
  const { kind, verdict, stored, until, page, label } = view.words;
  const partlyChecked = entry.verdict !== 'ok';
  return html`<li class="backup ${entry.kind}" id="${entry.id}">
    <p class="when">
      <b>${absoluteText(view, entry.takenAt)}</b>
      <span class="soft">${relativeText(view, entry.takenAt)}</span>
    </p>
    ${cells([
      html`<b>${kind[entry.kind]}</b>`,
      sizeText(view, entry.size),
      stored(sizeText(view, entry.storedBytes)),
      html`<span class="${partlyChecked && 'tone warn'}">${verdict[entry.verdict]}</span>`,
      html`${until(dateText(view, entry.expires))}${entry.held && html` <b class="pin">${label.held}</b>`}`,
      ...(entry.fault
        ? [html`<span class="tone bad">${view.words.fault[entry.fault.level]}</span>`]
        : []),
    ])}
    <details class="restore">
      <summary aria-label="${page.restoreOf(entry.id)}">${page.restore}</summary>
      <pre><code>${restoreCommand(entry.database, entry.id, view.store)}</code></pre>
      ${entry.parent !== null && html`<p class="soft">${page.basedOn(entry.parent)}</p>`}
    </details>
  </li>`;
}
