import type { DatabaseStatus, Reason } from '../../../documents/status.ts';
import { currentFailure } from './failure.ts';
import { commandWord } from './shell-word.ts';
import { isOnlyPlanned } from '../../scheduled.ts';
import { html, type Markup } from './html.ts';
import type { PageView } from './view.ts';

type StepSubject = Pick<DatabaseStatus, 'name' | 'nextFrom' | 'lastScheduled'>;

/** What to do about a reason: a sentence, and the commands that do it, filled in. */
export function nextSteps(view: PageView, database: DatabaseStatus): Markup | undefined {
  const { words } = view;
  // The hint of a failure often has the command already.
  const isSaid = currentFailure(database)?.hint.includes('lifeboat backup') === true;
  const reasons = database.reasons.filter((reason) => !(isSaid && reason === 'backup-failed'));
  if (reasons.length === 0) return undefined;
  return html`<div class="steps">
    <p><strong>${words.label.whatToDo}</strong></p>
    <ul>
      ${reasons.map((reason) => nextStep(view, database, reason))}
    </ul>
  </div>`;
}

/** The commands for a reason, each as one line of a shell. */
export function reasonCommands(reason: Reason, { name, ...database }: StepSubject): string[] {
  const word = commandWord(name);
  const commands: Readonly<Record<Reason, readonly string[]>> = {
    'backup-failed': [`lifeboat backup ${word}`],
    'restore-test-failed': [
      `lifeboat verify --read-data ${word}`,
      `lifeboat backup --kind full ${word}`,
      `lifeboat restore-test ${word}`,
    ],
    'backup-damaged': [
      `lifeboat backup --kind full ${word}`,
      `lifeboat verify --read-data ${word}`,
    ],
    missing: [`lifeboat backup ${word}`],
    late: [`lifeboat backup ${word}`, ...scheduleCommands(database)],
    inconclusive: [`lifeboat restore-test ${word}`],
    'backup-from-future': ['lifeboat doctor'],
    'restore-test-overdue': [`lifeboat restore-test ${word}`],
    'schedule-paused': [
      'gcloud scheduler jobs list --filter=state=PAUSED --location=REGION',
      'gcloud scheduler jobs resume JOB --location=REGION',
    ],
    'schedule-unknown': ['lifeboat doctor'],
    'not-configured': [`lifeboat retire ${word}`],
  };
  return [...commands[reason]];
}

function nextStep(view: PageView, database: DatabaseStatus, reason: Reason): Markup {
  return html`<li>
    ${view.words.step[reason]}
    ${reasonCommands(reason, database).map((command) => html`<code class="command">${command}</code> `)}
  </li>`;
}

/**
 * Show what should have started the backup. On a host it is one of these: nothing in the store says
 * which.
 */
function scheduleCommands(database: Omit<StepSubject, 'name'>): string[] {
  if (database.nextFrom === 'cloud-scheduler')
    return ['gcloud scheduler jobs list --location=REGION'];
  if (isOnlyPlanned(database)) return ['lifeboat doctor'];
  return [
    "systemctl list-timers 'lifeboat*'",
    "systemctl --user list-timers 'lifeboat*'",
    'crontab -l',
    'launchctl list | grep lifeboat',
  ];
}
