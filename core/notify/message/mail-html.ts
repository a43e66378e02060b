import { escapeHtml as esc, withCode } from '../../lib/text/text.ts';
import type { MessageFact } from './facts.ts';
import { foldedText, type MessageTable, type TableRow } from './table.ts';
import type { MessageSection } from './sections.ts';
import type { MessageLink, MessageTone, MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

// Colours of text keep a contrast of 4.5 to 1 and more on their ground, light and dark.
const LIGHT: Readonly<Record<MessageTone, string>> = {
  bad: '#b3261e',
  warn: '#8a5300',
  good: '#146c43',
  info: '#1f5fa8',
};
const DARK: Readonly<Record<MessageTone, string>> = {
  bad: '#ff8a80',
  warn: '#f5b971',
  good: '#6fd6a0',
  info: '#8ab8f5',
};
const SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

// A longer name of a database may be broken, so that a table fits a narrow screen.
const SHORT = 20;
const RULE = 'border-top:1px solid #e4e7eb';
const wraps = 'word-break:break-word;overflow-wrap:anywhere';

const TABLE = 'role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"';

/**
 * An e-mail-safe page: tables and inline styles, no image, no script, nothing loaded from anywhere.
 */
export function mailHtml(view: MessageView, words: MessageWords): string {
  const { label, locale, more } = words;
  const { tone, advice, facts, sections, moreSections, table, details, links, footer } = view;
  const { subject, lead } = view;
  return (
    `<!doctype html>\n<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${esc(subject)}</title><style>${style(tone)}</style></head>` +
    `<body class="ground" style="margin:0;padding:0;background:#f0f2f4;font-family:${SANS}">` +
    // What the list of mails shows beside the subject.
    `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${esc(lead)}</div>` +
    `<table class="ground" ${TABLE} style="background:#f0f2f4"><tr><td class="outer" align="center" style="padding:32px 12px">` +
    `<table class="card" ${TABLE} style="max-width:640px;table-layout:fixed;background:#ffffff;border:1px solid #e1e5e9;border-radius:8px;text-align:left">` +
    headHtml(view) +
    adviceHtml(advice, label.whatToDo, tone) +
    factsHtml(facts) +
    sections.map((section) => sectionHtml(section, label.whatToDo, tone)).join('') +
    (moreSections === 0 ? '' : noteHtml(`… ${more(moreSections)}`)) +
    (table ? tableHtml(table, words) : '') +
    linksHtml(links) +
    (details.length === 0 ? '' : cellHtml(foldHtml(label.details, factTable(details)))) +
    `<tr><td class="pad" style="padding:28px 32px 26px 32px"><div class="faint rule" style="padding:14px 0 0 0;font-size:12px;line-height:18px;color:#5b6670;${wraps};${RULE}">${esc(footer)}</div></td></tr>` +
    `</table></td></tr></table></body></html>\n`
  );
}

function headHtml({ tone, toneName, title, lead }: MessageView): string {
  return (
    `<tr><td class="pad" style="padding:28px 32px 0 32px"><div class="tone" style="font-size:13px;line-height:18px;font-weight:700;color:${LIGHT[tone]}"><span class="bar" style="display:inline-block;width:9px;height:9px;margin:0 8px 0 0;border-radius:5px;background:${LIGHT[tone]}"></span>${esc(toneName)}</div>` +
    `<h1 class="strong" style="margin:8px 0 0 0;font-size:21px;line-height:28px;font-weight:700;color:#1c2227;${wraps}">${esc(title)}</h1>` +
    `<p class="soft" style="margin:8px 0 0 0;font-size:15px;line-height:23px;color:#3d4852">${esc(lead)}</p></td></tr>`
  );
}

function sectionHtml(
  { title, advice, facts }: MessageSection,
  heading: string,
  tone: MessageTone,
): string {
  return (
    `<tr><td class="pad" style="padding:28px 32px 0 32px"><h2 class="strong rule" style="margin:0;padding:20px 0 0 0;font-size:17px;line-height:24px;font-weight:700;color:#1c2227;${wraps};${RULE}">${esc(title)}</h2></td></tr>` +
    adviceHtml(advice, heading, tone) +
    factsHtml(facts)
  );
}

function factsHtml(facts: readonly MessageFact[]): string {
  return facts.length === 0 ? '' : cellHtml(factTable(facts));
}

function cellHtml(content: string): string {
  return `<tr><td class="pad" style="padding:14px 32px 0 32px">${content}</td></tr>`;
}

function factTable(facts: readonly MessageFact[]): string {
  return `<table ${TABLE}>${facts.map((fact, n) => factRow(fact, n === 0)).join('')}</table>`;
}

/** Mail programs that cannot fold drop the two tags and show what is inside. */
function foldHtml(summary: string, content: string): string {
  return `<details><summary class="faint" style="padding:8px 0;font-size:13px;line-height:20px;color:#5b6670;cursor:pointer">${esc(summary)}</summary>${content}</details>`;
}

function noteHtml(text: string): string {
  return `<tr><td class="pad faint" style="padding:14px 32px 0 32px;font-size:13px;line-height:20px;color:#5b6670">${esc(text)}</td></tr>`;
}

// Mail programs drop rules that they do not know; the inline styles alone give the light, wide
// mail.
function style(tone: MessageTone): string {
  return `
:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:0;-webkit-text-size-adjust:100%;text-size-adjust:100%}
.keep{white-space:nowrap}
@media (max-width:620px){
.outer{padding:0!important}.card{border-radius:0!important;border-left:0!important;border-right:0!important}
.pad{padding-left:20px!important;padding-right:20px!important}
.label{display:block!important;width:auto!important;padding:8px 0 0 0!important}
.value{display:block!important;padding:1px 0 8px 0!important;border:0!important}
.button{display:block!important;margin-right:0!important;text-align:center!important}
}
@media (prefers-color-scheme:dark){
.ground{background:#14171a!important}.card{background:#1e2226!important;border-color:#32383e!important}
.strong{color:#f1f3f5!important}.soft{color:#c3cad1!important}.faint,.label{color:#98a2ac!important}
.rule{border-color:#32383e!important}.panel{background:#262b30!important}.tone{color:${DARK[tone]}!important}.bar{background:${DARK[tone]}!important}
.edge{border-color:${DARK[tone]}!important}.bad{color:${DARK.bad}!important}.good{color:${DARK.good}!important}
.button{background:#d7dde3!important;color:#14171a!important}
}`;
}

function factRow({ label, value, isCode, id }: MessageFact, first: boolean): string {
  return (
    `<tr><td class="label rule" valign="top" style="width:150px;padding:10px 16px 10px 0;font-size:13px;line-height:20px;color:#5b6670;${first ? '' : RULE}">${esc(label)}</td>` +
    `<td class="value strong rule" valign="top" style="padding:10px 0;font-size:14px;line-height:20px;color:#1c2227;${wraps};${first ? '' : RULE}${isCode === true ? `;font-family:${MONO};font-size:13px` : ''}">${withoutBreaks(esc(value))}${id === undefined ? '' : `<div style="font-family:${MONO};font-size:13px">${esc(id)}</div>`}</td></tr>`
  );
}

/**
 * Keeps flags (`--kind`), short names (`tenant-04`), sizes (`700 MiB`) and durations (`1.6 s`) on
 * one line: browsers break after a hyphen. Works on escaped text.
 */
function withoutBreaks(escaped: string): string {
  return escaped
    .replaceAll(/(\d) (m?s|(?:[KMGT]i)?B)\b/g, '$1&nbsp;$2')
    .replaceAll(/(?<![\w&#;-])[\w-]{1,24}(?![\w;-])/g, (word) =>
      word.includes('-') ? `<span class="keep">${word}</span>` : word,
    );
}

function tableHtml(table: MessageTable, words: MessageWords): string {
  const { head, rows, more, folded, foldedMore } = table;
  const rest = folded.length === 0 ? '' : rowsHtml(head, folded, moreHtml(foldedMore, words));
  return (
    `<tr><td class="pad" style="padding:20px 32px 0 32px">` +
    (rows.length === 0 ? '' : rowsHtml(head, rows, moreHtml(more, words))) +
    `${rest === '' ? '' : foldHtml(foldedText(words, table), rest)}</td></tr>`
  );
}

function moreHtml(more: number, words: MessageWords): string {
  return more === 0
    ? ''
    : `<div class="faint" style="padding:8px 0 0 0;font-size:13px;line-height:20px;color:#5b6670">${esc(words.moreDatabases(more))}</div>`;
}

function rowsHtml(head: readonly string[], rows: readonly TableRow[], more: string): string {
  const th = (text: string | undefined, padding: string) =>
    `<th class="faint" align="left" style="padding:${padding};font-size:12px;line-height:16px;font-weight:600;color:#5b6670">${esc(text ?? '')}</th>`;
  const cells = rows.map(
    ({ database, ok, result, detail }) =>
      `<tr><td class="strong rule" valign="top" style="padding:9px 12px 9px 0;font-size:13px;line-height:19px;font-family:${MONO};color:#1c2227;${database.length <= SHORT ? 'white-space:nowrap' : wraps};${RULE}">${esc(database)}</td>` +
      `<td class="${ok ? 'good' : 'bad'} rule" valign="top" style="padding:9px 12px 9px 0;font-size:13px;line-height:19px;font-weight:600;white-space:nowrap;color:${ok ? LIGHT.good : LIGHT.bad};${RULE}">${ok ? '✓' : '✗'}&nbsp;${esc(result)}</td>` +
      `<td class="soft rule" valign="top" style="padding:9px 0;font-size:13px;line-height:19px;color:#3d4852;${wraps};${RULE}">${withoutBreaks(esc(detail))}</td></tr>`,
  );
  return `<table ${TABLE}><tr>${th(head[0], '0 12px 6px 0')}${th(head[1], '0 12px 6px 0')}${th(head[2], '0 0 6px 0')}</tr>${cells.join('')}</table>${more}`;
}

function adviceHtml(advice: readonly string[], heading: string, tone: MessageTone): string {
  if (advice.length === 0) return '';
  return (
    `<tr><td class="pad" style="padding:18px 32px 0 32px"><table ${TABLE}><tr>` +
    `<td class="panel edge" style="padding:14px 16px;background:#f5f7f9;border-left:3px solid ${LIGHT[tone]}"><div class="strong" style="font-size:14px;line-height:20px;font-weight:600;color:#1c2227">${esc(heading)}</div>` +
    `${advice.map((each) => `<div class="soft" style="padding:4px 0 0 0;font-size:14px;line-height:21px;color:#3d4852;${wraps}">${withCode(withoutBreaks(esc(each)), `<span style="font-family:${MONO};font-size:13px">`, '</span>')}</div>`).join('')}</td></tr></table></td></tr>`
  );
}

function linksHtml(links: readonly MessageLink[]): string {
  if (links.length === 0) return '';
  return `<tr><td class="pad" style="padding:16px 32px 0 32px">${links.map(buttonHtml).join(' ')}</td></tr>`;
}

function buttonHtml({ label, url }: MessageLink): string {
  return `<a class="button" href="${esc(url)}" style="display:inline-block;margin:8px 8px 0 0;padding:11px 20px;background:#26323d;color:#ffffff;font-size:14px;line-height:20px;font-weight:600;text-decoration:none;border-radius:6px">${esc(label)}</a>`;
}
