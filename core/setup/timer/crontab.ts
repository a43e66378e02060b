import { crontabSchedule, isLocalZone } from '../../schedule/calendar.ts';
import { singleQuoted } from '../../lib/processes/shell.ts';
import { timedCommand, MARK, type TimerPlan } from './plan.ts';

/** The crontab with our lines for this plan, in the place of older ones. */
export function withLines(crontab: string, plan: TimerPlan): string {
  const rest = withoutLines(crontab, plan);
  return `${rest}${rest === '' || rest.endsWith('\n') ? '' : '\n'}${crontabLines(plan)}`;
}

/** The crontab without our lines; other lines stay as they are. */
export function withoutLines(crontab: string, plan: Pick<TimerPlan, 'prefix'>): string {
  const { begin, end } = bounds(plan);
  const lines = crontab.split('\n');
  const from = lines.findIndex((line) => line.startsWith(begin));
  const to = lines.indexOf(end, from);
  if (from < 0 || to < 0) return crontab;
  return [...lines.slice(0, from), ...lines.slice(to + 1)].join('\n');
}

/** The configuration that our lines serve; undefined when there are none. */
export function servedConfig(crontab: string, plan: Pick<TimerPlan, 'prefix'>): string | undefined {
  const line = crontab.split('\n').find((each) => each.startsWith(bounds(plan).begin));
  return line?.slice(line.indexOf(MARK) + MARK.length);
}

/** The jobs whose time zone cron does not know: it runs in the zone of the machine. */
export function foreignZones({ jobs }: Pick<TimerPlan, 'jobs'>): string[] {
  const foreign = jobs.filter(({ timeZone }) => !isLocalZone(timeZone));
  return foreign.map(({ name, timeZone }) => `${name} (${timeZone})`);
}

function crontabLines(plan: TimerPlan): string {
  const { begin, end } = bounds(plan);
  const lines = plan.jobs.map((job) => {
    const environment = singleQuoted(plan.environmentFile);
    const call = timedCommand(plan, job).map(crontabWord).join(' ');
    const command = `if [ -r ${environment} ]; then set -a; . ${environment}; set +a; fi; exec ${call} --quiet`;
    // cron takes a percent sign for the end of the line.
    return `${crontabSchedule(job.schedule)} ${command.replaceAll('%', '\\%')}`;
  });
  return [`${begin}${MARK}${plan.configPath}`, ...lines, end, ''].join('\n');
}

function crontabWord(text: string): string {
  return /^[\w@+=:,./-]+$/.test(text) ? text : singleQuoted(text);
}

function bounds({ prefix }: Pick<TimerPlan, 'prefix'>): { begin: string; end: string } {
  return { begin: `# >>> ${prefix} >>> `, end: `# <<< ${prefix} <<<` };
}
