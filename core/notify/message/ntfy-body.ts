import { fit } from '../../lib/text/text.ts';
import { TONE_TAGS } from './chat-rows.ts';
import { shortParts } from './short-text.ts';
import type { MessageTone, MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

/** What ntfy takes as JSON, but for the topic: https://docs.ntfy.sh/publish/#publish-as-json */
export type NtfyBody = {
  readonly title: string;
  readonly message: string;
  /** 1 to 5; 3 is the default, 4 vibrates for longer. */
  readonly priority: number;
  readonly tags: readonly string[];
  /** Opened by a tap. */
  readonly click?: string;
};

// ntfy turns a message of more than 4,096 bytes into an attachment.
const MOST_BODY_BYTES = 4000;
const PRIORITIES: Readonly<Record<MessageTone, number>> = { bad: 4, warn: 3, good: 2, info: 3 };

export function ntfyBody(view: MessageView, words: MessageWords): NtfyBody {
  const { tone, title, facts, details, links, footer } = view;
  const line = ({ label, value, id }: { label: string; value: string; id?: string | undefined }) =>
    `${label}: ${value}${id === undefined ? '' : `, ${id}`}`;
  const text = [
    ...shortParts(view, words, {
      prose: (part) => part,
      fact: line,
      code: (name) => name,
      room: 2000,
    }),
    facts.map(line).join('\n'),
    details.map(line).join('\n'),
    footer,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
  const [link] = links;
  return {
    title: fit(title, 250),
    message: withinBytes(text, MOST_BODY_BYTES),
    priority: PRIORITIES[tone],
    tags: [TONE_TAGS[tone]],
    ...(link ? { click: link.url } : {}),
  };
}

function withinBytes(text: string, most: number): string {
  const bytes = (char: string): string => 'x'.repeat(Buffer.byteLength(char));
  let cut = text;
  while (bytes(cut).length > most) cut = fit(cut, Math.floor(cut.length * 0.9) - 1);
  return cut;
}
