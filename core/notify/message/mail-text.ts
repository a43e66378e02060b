import type { MessageFact } from './facts.ts';
import { foldedText, type MessageTable, type TableRow } from './table.ts';
import type { MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

/** The plain part of a mail; also what a screen without HTML shows. */
export function mailText(view: MessageView, words: MessageWords): string {
  const { title, lead, advice, facts, sections, moreSections, table, details, links } = view;
  const width = widestLabel([...facts, ...details]);
  const parts = [
    title,
    lead,
    adviceText(advice, words),
    factsText(facts, width),
    ...sections.map((section) =>
      [
        `## ${section.title}`,
        adviceText(section.advice, words),
        factsText(section.facts, widestLabel(section.facts)),
      ]
        .filter((part) => part !== '')
        .join('\n\n'),
    ),
    moreSections === 0 ? '' : `… ${words.more(moreSections)}`,
    table ? tableText(table, words) : '',
    factsText(details, width),
    ...links.map(({ label, url }) => `${label}:\n${url}`),
    `-- \n${view.footer}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function adviceText(advice: readonly string[], { label }: MessageWords): string {
  return advice.length === 0 ? '' : [`${label.whatToDo}:`, ...advice].join('\n');
}

function factsText(facts: readonly MessageFact[], width: number): string {
  return facts
    .map(
      ({ label, value, id }) =>
        `${`${label}:`.padEnd(width)}${value}${id === undefined ? '' : `, ${id}`}`,
    )
    .join('\n');
}

function widestLabel(facts: readonly MessageFact[]): number {
  return Math.max(0, ...facts.map(({ label }) => label.length)) + 2;
}

function tableText(table: MessageTable, words: MessageWords): string {
  const { rows, more, folded, foldedMore } = table;
  const lines = [...rows.map(rowText), ...(more > 0 ? [words.moreDatabases(more)] : [])];
  const summary = foldedText(words, table);
  if (summary === '') return lines.join('\n');
  const names = folded.map(({ database }) => database).join(', ');
  const rest = foldedMore > 0 ? ` ${words.more(foldedMore)}` : '';
  return [...lines, `${summary}: ${names}${rest}`].join('\n');
}

function rowText({ database, result, detail }: TableRow): string {
  return `- ${database}: ${result}${detail ? ` · ${detail}` : ''}`;
}
