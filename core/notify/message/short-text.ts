import { rowsWithin } from './chat-rows.ts';
import type { MessageFact } from './facts.ts';
import type { MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

/**
 * The view in parts that follow each other, for services that show text only: the lead, what to do,
 * the causes of a digest, the rows of a restore test. `prose` and `fact` render them.
 */
export function shortParts(
  { lead, advice, sections, moreSections, table }: MessageView,
  words: MessageWords,
  render: {
    readonly prose: (text: string) => string;
    readonly fact: (fact: MessageFact) => string;
    readonly code: (name: string) => string;
    /** For the rows of a restore test. */
    readonly room: number;
  },
): string[] {
  const { prose, fact, code, room } = render;
  return [
    prose(lead),
    advice.length > 0 ? [prose(`${words.label.whatToDo}:`), ...advice.map(prose)].join('\n') : '',
    ...sections.map((section) =>
      [prose(section.title), ...section.advice.map(prose), ...section.facts.map(fact)].join('\n'),
    ),
    moreSections > 0 ? prose(`… ${words.more(moreSections)}`) : '',
    table ? rowsWithin(table, words, room, code) : '',
  ].filter((part) => part !== '');
}
