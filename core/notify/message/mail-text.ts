import type { MessageFact } from './facts.ts';
import type { MessageTable } from './table.ts';
import type { MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

/** The plain part of a mail; also what a screen without HTML shows. */
export function mailText(view: MessageView, words: MessageWords): string {
  const { title, lead, advice, facts, sections, moreSections, table, details, link } = view;
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
    link ? `${link.label}:\n${link.url}` : '',
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

function tableText({ rows, more }: MessageTable, words: MessageWords): string {
  const lines = rows.map(
    ({ database, result, detail }) => `- ${database}: ${result}${detail ? ` · ${detail}` : ''}`,
  );
  return [...lines, ...(more > 0 ? [words.moreDatabases(more)] : [])].join('\n');
}
