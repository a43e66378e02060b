import type { Condition } from '../../../documents/status.ts';
import { absoluteText } from './values.ts';
import { html, literal, type Markup } from './html.ts';
import { brand, favicon, sprite } from './icons.ts';
import type { PageView } from './view.ts';
import { overviewPath, RESTORE_HELP } from './paths.ts';
import { styleSheet } from '../style/style.ts';

type Frame = {
  readonly title: string;
  readonly condition: Condition;
  readonly main: Markup;
  readonly foot?: Markup;
  /** A class of the whole page. */
  readonly look?: 'wall' | undefined;
};

/** A whole page around its main part. */
export function frame(view: PageView, { title, condition, main, foot, look }: Frame): string {
  const { words, base, store, at, version } = view;
  const page = html`<html lang="${words.locale}">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width,initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <title>${title} – Lifeboat</title>
      <link rel="icon" href="${favicon(condition)}" />
      ${literal(`<style>${styleSheet()}</style>`)}
    </head>
    <body class="${look}">
      <a class="skip" href="#content">${words.label.skip}</a>
      ${sprite()}
      <header class="top">
        <a class="home" href="${overviewPath(base)}">${brand()}Lifeboat</a>
        ${at !== '' && html`<p class="asof">${words.label.updated} ${absoluteText(view, at)}</p>`}
      </header>
      <main id="content" tabindex="-1">${main}</main>
      <footer class="foot">
        <p>
          <span>${words.label.store} <code>${store}</code></span>
          ${version !== undefined && html`<span>Lifeboat ${version}</span>`}
          <a href="${base}${RESTORE_HELP}" hreflang="en">${words.label.howToRestore}</a>
        </p>
        ${foot}
      </footer>
    </body>
  </html>`;
  return `<!doctype html>\n${page.toString()}\n`;
}
