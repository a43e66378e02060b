import { dirname, join } from 'node:path';
import { launchdIntervals, type CalendarInterval } from '../../schedule/calendar.ts';
import { singleQuoted } from '../../lib/processes/shell.ts';
import type { TimerJob } from './jobs.ts';
import { timedCommand, MARK, type TimerFile, type TimerPlan } from './plan.ts';

/** How many times launchd is given for one job; more is no schedule for a backup. */
export const MAX_INTERVALS = 500;

/** An agent for each job (launchd.plist(5)). */
export function launchdAgents(plan: TimerPlan): TimerFile[] {
  return plan.jobs.map((job) => ({
    name: `${labelOf(plan, job)}.plist`,
    text: agentText(plan, job),
  }));
}

export function labelOf({ prefix }: Pick<TimerPlan, 'prefix'>, { name }: TimerJob): string {
  return `dev.${prefix}.${name}`;
}

/** The jobs with more times than launchd is given. */
export function tooManyTimes({ jobs }: Pick<TimerPlan, 'jobs'>): string[] {
  return jobs
    .filter(({ schedule }) => launchdIntervals(schedule).length > MAX_INTERVALS)
    .map(({ name }) => name);
}

function agentText(plan: TimerPlan, job: TimerJob): string {
  const environment = singleQuoted(plan.environmentFile);
  // launchd reads no file of variables.
  const script = `if [ -r ${environment} ]; then set -a; . ${environment}; set +a; fi; exec "$@"`;
  const words = ['/bin/sh', '-c', script, 'lifeboat', ...timedCommand(plan, job)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MARK}${plan.configPath.replaceAll('--', '- -')} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xml(labelOf(plan, job))}</string>
  <key>ProgramArguments</key>
  <array>
${words.map((each) => `    <string>${xml(each)}</string>\n`).join('')}  </array>
  <key>WorkingDirectory</key>
  <string>${xml(dirname(plan.configPath))}</string>
  <key>StartCalendarInterval</key>
  <array>
${launchdIntervals(job.schedule).map(intervalText).join('')}  </array>
  <key>ProcessType</key>
  <string>Background</string>
  <key>StandardErrorPath</key>
  <string>${xml(join(plan.home, 'Library/Logs', `${labelOf(plan, job)}.log`))}</string>
</dict>
</plist>
`;
}

function intervalText(interval: CalendarInterval): string {
  const keys = Object.entries(interval);
  return `    <dict>${keys.map(([key, value]) => `<key>${key}</key><integer>${value}</integer>`).join('')}</dict>\n`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
