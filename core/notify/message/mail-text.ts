import type { Words } from './words/words.ts';
import type { View } from './view.ts';

/** The plain part of a mail; also what a screen without HTML shows. */
export function mailText(
  { title, lead, facts, advice, table, link, footer }: View,
  words: Words,
): string {
  const width = Math.max(0, ...facts.map((fact) => fact.label.length)) + 2;
  const parts = [
    title,
    lead,
    facts
      .map(
        (fact) =>
          `${`${fact.label}:`.padEnd(width)}${fact.value}${fact.id === undefined ? '' : `, ${fact.id}`}`,
      )
      .join('\n'),
  ];
  if (table) {
    const rows = table.cells.map(
      ({ database, result, detail }) => `- ${database}: ${result}${detail ? ` · ${detail}` : ''}`,
    );
    parts.push([...rows, ...(table.left > 0 ? [words.more(table.left)] : [])].join('\n'));
  }
  if (advice.length > 0) parts.push([`${words.label.whatToDo}:`, ...advice].join('\n'));
  if (link) parts.push(`${link.label}:\n${link.url}`);
  return `${[...parts, `-- \n${footer}`].join('\n\n')}\n`;
}
