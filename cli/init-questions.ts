import type { z } from 'zod';
import { sourceAddressProblem, sourceKind } from '../core/config/source-address.ts';
import { storeAddressProblem } from '../core/config/store-address.ts';
import { address, schedule, timeZone } from '../core/config/values.ts';
import { ENGLISH, formatSize } from '../core/lib/text/format.ts';
import { suggested, type Candidate } from '../core/setup/init/find.ts';
import type { Ask } from './ask.ts';

export type InitAnswers = {
  readonly sources: readonly string[];
  readonly store: string;
  readonly schedule: string;
  readonly timeZone: string;
  /** Empty for none. */
  readonly email: string;
};

/** How an answer is wrong; undefined when it is fine. */
type AnswerCheck = (answer: string) => string | undefined;
type Asker = (question: string, suggestion: string, check: AnswerCheck) => Promise<string>;

const DAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const TIME = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/**
 * Asks for everything that the defaults leave open; an empty answer takes the default, and a wrong
 * one is asked again. `files` says whether a path is a file.
 */
export async function askAll(
  ask: Ask,
  candidates: readonly Candidate[],
  { sources, ...defaults }: InitAnswers,
  { say, isFile }: { say: (text: string) => void; isFile: (path: string) => boolean },
): Promise<InitAnswers> {
  const asker: Asker = async (question, suggestion, check) => {
    for (;;) {
      const answer = await ask(question, suggestion);
      const problem = check(answer);
      if (problem === undefined) return answer;
      say(`  ${answer === '' ? 'An empty answer' : answer}: ${problem}\n`);
    }
  };
  if (sources.length === 0 && candidates.length > 0)
    say(`SQLite files found here:\n${candidateList(candidates)}`);
  return {
    sources: sources.length > 0 ? sources : await askSources(asker, candidates, isFile),
    store: await asker(
      'Where should backups be stored? A folder on another disk, or gs://bucket',
      defaults.store,
      storeAddressProblem,
    ),
    schedule: await askSchedule(asker, defaults.schedule),
    timeZone: await asker('In which time zone?', defaults.timeZone, problemIn(timeZone)),
    email: await asker('Email for failure alerts? Leave empty for none', defaults.email, (text) =>
      text === '' ? undefined : problemIn(address)(text),
    ),
  };
}

/** The frequency in words and a time, or a cron expression. `suggestion` is a cron expression. */
async function askSchedule(ask: Asker, suggestion: string): Promise<string> {
  const [, minute = '0', hour] = /^(\d+) (\d+) \* \* \*$/.exec(suggestion) ?? [];
  const answer = await ask(
    'How often? 1 hourly, 2 daily, 3 weekly, or a cron expression',
    hour === undefined ? suggestion : '2',
    (text) => (FREQUENCIES[text] ? undefined : problemIn(schedule)(text)),
  );
  const frequency = FREQUENCIES[answer];
  if (frequency === undefined) return answer;
  if (frequency === 'hourly') return '0 * * * *';
  const day =
    frequency === 'weekly'
      ? await ask('On which day?', 'Sunday', (text) =>
          weekdayOf(text) < 0 ? 'is not a day of the week' : undefined,
        )
      : '*';
  const time = await ask(
    'At what time?',
    `${(hour ?? '3').padStart(2, '0')}:${minute.padStart(2, '0')}`,
    (text) => (TIME.test(text) ? undefined : 'is not a time such as 03:00'),
  );
  const [, atHour, atMinute] = TIME.exec(time) ?? [];
  return `${Number(atMinute)} ${Number(atHour)} * * ${day === '*' ? '*' : weekdayOf(day)}`;
}

const FREQUENCIES: Readonly<Record<string, 'hourly' | 'daily' | 'weekly' | undefined>> = {
  1: 'hourly',
  2: 'daily',
  3: 'weekly',
  hourly: 'hourly',
  daily: 'daily',
  weekly: 'weekly',
};

function weekdayOf(text: string): number {
  const word = text.toLowerCase();
  return word.length < 2 ? -1 : DAY_NAMES.findIndex((day) => day.startsWith(word));
}

/** The first problem that a definition of the configuration finds. */
function problemIn(definition: z.ZodType): AnswerCheck {
  return (text) => definition.safeParse(text).error?.issues[0]?.message;
}

async function askSources(
  ask: Asker,
  candidates: readonly Candidate[],
  isFile: (path: string) => boolean,
): Promise<string[]> {
  const proposal = suggested(candidates)
    .map((each) => String(candidates.indexOf(each) + 1))
    .join(', ');
  const answer = await ask('Which ones should be backed up? Numbers or a path', proposal, (text) =>
    sourcesProblem(pick(text, candidates), isFile),
  );
  return pick(answer, candidates);
}

function sourcesProblem(
  sources: readonly string[],
  isFile: (path: string) => boolean,
): string | undefined {
  if (sources.length === 0) return 'name a database file';
  for (const source of sources) {
    const problem =
      sourceKind(source) === 'file' && !source.startsWith('file:')
        ? isFile(source)
          ? undefined
          : 'no such file'
        : sourceAddressProblem(source);
    if (problem !== undefined) return sources.length > 1 ? `${source}: ${problem}` : problem;
  }
  return undefined;
}

function candidateList(candidates: readonly Candidate[]): string {
  return candidates
    .map(({ path, size, framework, isInSettings }, at) => {
      const notes = [
        formatSize(ENGLISH, size),
        ...(framework ? [framework] : []),
        ...(isInSettings ? ['named in its settings'] : []),
      ];
      return `  ${at + 1}  ${path}  ${notes.join(', ')}\n`;
    })
    .join('');
}

/** `1, 3` means candidates of the list; anything else is a path or an address. */
function pick(line: string, candidates: readonly Candidate[]): string[] {
  return line
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => (/^\d+$/.test(word) ? (candidates[Number(word) - 1]?.path ?? word) : word));
}
