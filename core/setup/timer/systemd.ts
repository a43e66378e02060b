import { dirname } from 'node:path';
import { systemdCalendars } from '../../schedule/calendar.ts';
import { randomDelay, type TimerJob } from './jobs.ts';
import { timedCommand, MARK, writtenFolders, type TimerFile, type TimerPlan } from './plan.ts';

// systemd.exec(5). MemoryDenyWriteExecute is missing, because Node compiles at run time.
const HARDENING = `ProtectSystem=strict
ProtectHome=read-only
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictSUIDSGID=yes
SystemCallFilter=@system-service @pkey
SystemCallErrorNumber=EPERM
`;

/** A service and a timer for each job. */
export function systemdUnits(plan: TimerPlan): TimerFile[] {
  return plan.jobs.flatMap((job) => [
    { name: `${unitName(plan, job)}.service`, text: serviceText(plan, job) },
    { name: `${unitName(plan, job)}.timer`, text: timerText(plan, job) },
  ]);
}

function unitName({ prefix }: TimerPlan, { name }: TimerJob): string {
  return `${prefix}-${name}`;
}

function serviceText(plan: TimerPlan, job: TimerJob): string {
  const isSystem = plan.kind === 'system';
  const folders = writtenFolders(plan).map(unitWord);
  const mounts = folders.length > 0 ? `RequiresMountsFor=${folders.join(' ')}\n` : '';
  const online = isSystem ? 'After=network-online.target\nWants=network-online.target\n' : '';
  return `# ${MARK}${plan.configPath}
[Unit]
Description=${job.description}
${online}${mounts}${failureText(plan, job)}
[Service]
Type=oneshot
${isSystem ? `User=${plan.runAs}\n` : ''}WorkingDirectory=${unitPath(dirname(plan.configPath))}
Environment=TMPDIR=/var/tmp
EnvironmentFile=-${unitPath(plan.environmentFile)}
ExecStart=${timedCommand(plan, job).map(unitWord).join(' ')}
TimeoutStartSec=4h
Nice=10
IOSchedulingClass=idle
UMask=0077
NoNewPrivileges=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
${isSystem ? systemText(plan, folders) : ''}`;
}

/** A run that could not even report its failure, such as one that was killed, starts the watch. */
function failureText({ onFailure, jobs, prefix }: TimerPlan, { name }: TimerJob): string {
  const hasWatch = name !== 'watch' && jobs.some((each) => each.name === 'watch');
  const unit = onFailure ?? (hasWatch ? `${prefix}-watch.service` : undefined);
  return unit === undefined ? '' : `OnFailure=${unit}\n`;
}

function systemText(plan: TimerPlan, folders: readonly string[]): string {
  // Only root may become the owner of a file, which it needs in order to leave none of its own.
  const capabilities = plan.runAs === 'root' ? '' : 'CapabilityBoundingSet=\n';
  const writable = folders.length > 0 ? `ReadWritePaths=${folders.join(' ')}\n` : '';
  return `${HARDENING}${capabilities}${usesTemporary(plan) ? 'ReadWritePaths=/var/tmp\n' : 'PrivateTmp=yes\n'}${writable}`;
}

/** Whether something that the run needs is in a folder that PrivateTmp hides. */
function usesTemporary(plan: TimerPlan): boolean {
  const sources = Object.values(plan.config.databases).map(({ source }) => source);
  const paths = [
    ...writtenFolders(plan),
    ...sources,
    plan.configPath,
    plan.environmentFile,
    ...Object.values(plan.program),
  ];
  return paths.some((each) => /^\/(var\/)?tmp\//.test(each));
}

function timerText(plan: TimerPlan, job: TimerJob): string {
  const { prefix: _, configPath, now } = plan;
  return `# ${MARK}${configPath}
[Unit]
Description=${job.description}, on its schedule

[Timer]
${systemdCalendars(job.schedule, job.timeZone)
  .map((calendar) => `OnCalendar=${calendar}\n`)
  .join('')}RandomizedDelaySec=${randomDelay(job, now)}
AccuracySec=1s
Persistent=${job.name === 'watch' ? 'no' : 'yes'}

[Install]
WantedBy=timers.target
`;
}

/** A word of a command line or a list, as systemd.syntax(7) reads it. */
function unitWord(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  if (/^[\w@%$+=:,./-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A path that is the whole value: quotes would be a part of it. */
function unitPath(text: string): string {
  return text.replaceAll('%', '%%');
}
