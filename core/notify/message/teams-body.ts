import { fit } from '../../lib/text/text.ts';
import { TONE_MARKS } from './chat-rows.ts';
import { joined } from './discord-body.ts';
import type { MessageFact } from './facts.ts';
import { escapeMarkdown, markdownFact, markdownProse } from './markdown.ts';
import { shortParts } from './short-text.ts';
import type { MessageTone, MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

type Block =
  | {
      type: 'TextBlock';
      text: string;
      wrap: true;
      weight?: string;
      size?: string;
      color?: string;
      isSubtle?: boolean;
    }
  | { type: 'FactSet'; facts: { title: string; value: string }[] };
/**
 * An Adaptive Card, which a workflow "Post to a channel when a webhook request is received" takes:
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export type TeamsBody = {
  readonly type: 'message';
  readonly attachments: readonly {
    readonly contentType: 'application/vnd.microsoft.card.adaptive';
    readonly content: {
      readonly type: 'AdaptiveCard';
      readonly version: '1.4';
      readonly body: readonly Block[];
      readonly actions: readonly { type: 'Action.OpenUrl'; title: string; url: string }[];
    };
  }[];
};

const CARD_COLOURS: Readonly<Record<MessageTone, string>> = {
  bad: 'Attention',
  warn: 'Warning',
  good: 'Good',
  info: 'Accent',
};
// A message may have 28 KB.
const TEXT = 8000;
const VALUE = 600;

export function teamsBody(view: MessageView, words: MessageWords): TeamsBody {
  const { tone, title, facts, details, links, footer } = view;
  const parts = shortParts(view, words, {
    prose: (text) => markdownProse(text, 800),
    fact: (fact) => `${escapeMarkdown(fact.label)}: ${markdownFact(fact, 400)}`,
    code: (name) => `\`${fit(name.replaceAll('`', "'"), 60)}\``,
    room: 3000,
  });
  const heading = `${TONE_MARKS[tone]} ${fit(title, 250, escapeMarkdown)}`;
  const body: Block[] = [
    {
      type: 'TextBlock',
      text: heading,
      wrap: true,
      weight: 'Bolder',
      size: 'Large',
      color: CARD_COLOURS[tone],
    },
    // A line break in Markdown takes an empty line.
    {
      type: 'TextBlock',
      text: joined(parts, TEXT).replaceAll(/(?<!\n)\n(?!\n)/g, '\n\n'),
      wrap: true,
    },
    ...factSet([...facts, ...details]),
    {
      type: 'TextBlock',
      text: fit(footer, 200, escapeMarkdown),
      wrap: true,
      isSubtle: true,
      size: 'Small',
    },
  ];
  const actions = links
    .filter(({ url }) => url.length <= 2000)
    .map(({ label, url }) => ({ type: 'Action.OpenUrl' as const, title: label, url }));
  const content = { type: 'AdaptiveCard', version: '1.4', body, actions } as const;
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

function factSet(facts: readonly MessageFact[]): Block[] {
  if (facts.length === 0) return [];
  return [
    {
      type: 'FactSet',
      facts: facts.map((fact) => ({ title: fact.label, value: markdownFact(fact, VALUE) })),
    },
  ];
}
