import { fit, oneLine } from '../../lib/text/text.ts';
import type { ReportedProblem, ProblemGroup, Notification } from '../notification.ts';
import { alarmOf } from './alarm.ts';
import { codeFact, lastGoodFact, sinceFact, type MessageFact } from './facts.ts';
import type { MessageWords } from './words/words.ts';

/** One cause in a digest. */
export type MessageSection = {
  readonly title: string;
  readonly advice: readonly string[];
  readonly facts: readonly MessageFact[];
};

const MOST_NAMES = 30;
// Several sections share one message.
const LONGEST_IN_SECTION = 300;

/** The causes of a digest, each with its databases, what to do and why. */
export function sectionsOf(
  words: MessageWords,
  groups: readonly ProblemGroup[],
  moment: Pick<Notification, 'at' | 'timeZone'>,
): MessageSection[] {
  return groups.map((group): MessageSection => {
    const { kind, fault, databases, host, since, lastGood } = group;
    const { label } = words;
    const [only = ''] = databases;
    const isOne = databases.length === 1;
    const subject = isOne ? fit(oneLine(only), 100) : words.several(databases.length);
    const title = groupTitle(words, group, subject);
    const explanation = words.explain?.(fault, {
      kind,
      database: isOne ? subject : words.placeholder,
    });
    const isRecovery = kind === 'recovered';
    const reason: MessageFact = {
      label: isRecovery ? label.failedBefore : label.why,
      value: sectionLine(explanation?.reason ?? fault.message),
    };
    return {
      title: host === undefined ? title : words.onHost(title, sectionLine(host)),
      advice: isRecovery ? [] : [sectionLine(explanation?.advice ?? fault.hint)],
      facts: [
        reason,
        ...(isOne ? [] : [namesFact(words, databases)]),
        ...lastGoodFact(words, lastGood, moment),
        ...sinceFact(words, isRecovery ? label.failedSince : label.since, since, moment),
        codeFact(label.code, sectionLine(fault.code)),
        ...(explanation ? [codeFact(label.original, sectionLine(fault.message))] : []),
      ],
    };
  });
}

/** The headline of a problem; `subject` is a database or a number of them. */
export function groupTitle(
  words: MessageWords,
  {
    kind,
    fault,
  }: { kind: ProblemGroup['kind'] | 'recovered'; fault?: ReportedProblem | undefined },
  subject: string,
): string {
  const alarm = fault && alarmOf(kind, fault);
  return alarm ? words.alarm[alarm].title(subject) : words.title[kind](subject);
}

function sectionLine(text: string): string {
  return fit(oneLine(text), LONGEST_IN_SECTION);
}

function namesFact(words: MessageWords, databases: readonly string[]): MessageFact {
  const names = databases.slice(0, MOST_NAMES).map((name) => fit(oneLine(name), 60));
  const more = databases.length - names.length;
  return {
    label: words.label.databases,
    value: `${names.join(', ')}${more > 0 ? ` ${words.more(more)}` : ''}`,
    isCode: true,
  };
}
