import { fit } from '../../lib/text/text.ts';
import type { MessageFact } from './facts.ts';
import { escapeMarkdown, markdownFact, markdownProse } from './markdown.ts';
import { shortParts } from './short-text.ts';
import type { MessageTone, MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

type Field = { readonly name: string; readonly value: string; readonly inline: boolean };
/** https://docs.discord.com/developers/resources/webhook#execute-webhook */
export type DiscordBody = {
  readonly embeds: readonly {
    readonly title: string;
    readonly url?: string;
    readonly description: string;
    readonly color: number;
    readonly fields: readonly Field[];
    readonly footer: { readonly text: string };
  }[];
  /** Nothing in the text of an error mentions anybody. */
  readonly allowed_mentions: { readonly parse: readonly never[] };
};

const EMBED_COLOURS: Readonly<Record<MessageTone, number>> = {
  bad: 0xb3261e,
  warn: 0xb57c0a,
  good: 0x146c43,
  info: 0x1f5fa8,
};
// https://docs.discord.com/developers/resources/message#embed-object-embed-limits: 256 for a title, 4096 for a
// description, 1024 for a field, 2048 for a footer, 6000 in all.
const DESCRIPTION = 2600;
const FIELD = 240;
const MOST_EMBED_FIELDS = 10;

export function discordBody(view: MessageView, words: MessageWords): DiscordBody {
  const { tone, title, facts, details, links, footer } = view;
  const parts = shortParts(view, words, {
    prose: (text) => markdownProse(text, 600),
    fact: (fact) => `${escapeMarkdown(fact.label)}: ${markdownFact(fact, 300)}`,
    code: (name) => `\`${fit(name.replaceAll('`', "'"), 60)}\``,
    room: 1200,
  });
  const [link] = links;
  return {
    embeds: [
      {
        title: fit(title, 250, escapeMarkdown),
        ...(link && link.url.length <= 2000 ? { url: link.url } : {}),
        description: joined(parts, DESCRIPTION),
        color: EMBED_COLOURS[tone],
        fields: [...facts, ...details].slice(0, MOST_EMBED_FIELDS).map(fieldOf),
        footer: { text: fit(footer, 200) },
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** As many whole parts as fit: a cut inside one could leave an open mark. */
export function joined(parts: readonly string[], limit: number): string {
  let text = '';
  for (const part of parts) {
    const next = text === '' ? part : `${text}\n\n${part}`;
    if (next.length > limit - 3) return `${text}\n\n…`;
    text = next;
  }
  return text;
}

function fieldOf(fact: MessageFact): Field {
  return { name: fit(fact.label, 60), value: markdownFact(fact, FIELD), inline: false };
}
