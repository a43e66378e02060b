import { ENGLISH, formatSize } from '../core/lib/format.ts';
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

/** Asks for everything that the defaults leave open; an empty answer takes the default. */
export async function askAll(
  ask: Ask,
  candidates: readonly Candidate[],
  { sources, ...defaults }: InitAnswers,
  say: (text: string) => void,
): Promise<InitAnswers> {
  return {
    sources: sources.length > 0 ? sources : await askSources(ask, candidates, say),
    store: await ask(
      'Where should backups be stored? A folder on another disk, or gs://bucket',
      defaults.store,
    ),
    schedule: await ask(
      'How often? A cron expression: minute, hour, day, month, weekday',
      defaults.schedule,
    ),
    timeZone: await ask('In which time zone?', defaults.timeZone),
    email: await ask('Email for failure alerts? Leave empty for none', defaults.email),
  };
}

async function askSources(
  ask: Ask,
  candidates: readonly Candidate[],
  say: (text: string) => void,
): Promise<string[]> {
  if (candidates.length > 0) say(`SQLite files found here:\n${candidateList(candidates)}`);
  const proposal = suggested(candidates)
    .map((each) => String(candidates.indexOf(each) + 1))
    .join(', ');
  return pick(await ask('Which ones should be backed up? Numbers or a path', proposal), candidates);
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
