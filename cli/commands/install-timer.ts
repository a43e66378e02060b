import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { findConfig } from '../../core/config/find.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { shellWord } from '../../core/lib/processes/shell.ts';
import { ownUserName } from '../../core/lib/user-name.ts';
import { runTool } from '../../core/setup/timer/command.ts';
import { hasCronDaemon } from '../../core/setup/timer/cron-daemon.ts';
import { timerJobs } from '../../core/setup/timer/jobs.ts';
import type { TimerKind, TimerPlan } from '../../core/setup/timer/plan.ts';
import { lastingPath } from '../../core/setup/timer/program.ts';
import {
  installTimer,
  removeTimer,
  timerFiles,
  type TimerHost,
  type InstalledTimer,
  type TimerDocument,
} from '../../core/setup/timer/timer.ts';
import { printResult } from '../output.ts';
import type { Globals } from '../setup.ts';
import type { CommandContext } from './context.ts';

export type TimerFlags = {
  system?: true;
  user?: true;
  cron?: true;
  launchd?: true;
  name: string;
  runAs?: string;
  environment?: string;
  onFailure?: string;
  print?: boolean;
  remove?: boolean;
};

const TIMER_KINDS = ['system', 'user', 'cron', 'launchd'] as const;

export function addInstallTimer(program: Command, context: CommandContext): void {
  const kind = (flag: string, description: string): Option =>
    new Option(flag, description).conflicts(TIMER_KINDS.filter((each) => flag !== `--${each}`));
  program
    .command('install-timer')
    .description(
      'start scheduled backups, restore tests and the watch by systemd, cron or launchd; run it again after a change of lifeboat.yaml',
    )
    .addOption(kind('--system', 'systemd units of the machine (default for root)'))
    .addOption(kind('--user', 'systemd units of this user (default for others)'))
    .addOption(kind('--cron', "lines in this user's crontab (default without systemd)"))
    .addOption(kind('--launchd', 'agents of launchd (default on macOS)'))
    .option('--name <name>', 'start of the names, for a second lifeboat.yaml', 'lifeboat')
    .option('--run-as <user>', 'the user of system units (default: root)')
    .option('--environment <file>', "the file with the secrets, one NAME='value' per line")
    .option('--on-failure <unit>', 'unit that systemd starts when a run fails (default: the watch)')
    .option('--print', 'print what would be installed, and change nothing')
    .option('--remove', 'remove the timers')
    .action((flags: TimerFlags) => runInstallTimer(flags, program.opts<Globals>(), context));
}

export async function runInstallTimer(
  flags: TimerFlags,
  globals: Globals,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const installed = await installedTimer(flags, globals, context);
  const host = timerHost(installed, context);
  if (flags.remove) {
    const document = await removeTimer(installed, host);
    const text = `Removed the timers of ${installed.configPath}. The secrets stay in ${document.environment}.\n`;
    return printResult(terminal, document, text);
  }
  const plan = await planOf(installed, flags, globals, context);
  if (flags.print) {
    const files = timerFiles(plan).map(({ name, text }) => ({
      path: plan.kind === 'cron' ? name : join(host.folder, name),
      text,
    }));
    const text = files.map((file) => `# ${file.path}\n${file.text}\n`).join('');
    return printResult(terminal, { kind: plan.kind, files }, text);
  }
  requireRunning(plan);
  const document = await installTimer(plan, host);
  const warnings = timerWarnings(plan);
  const result = warnings.length === 0 ? document : { ...document, warnings };
  printResult(terminal, result, installedText(document, plan));
}

async function installedTimer(
  flags: TimerFlags,
  { config }: Globals,
  { cwd, env }: CommandContext,
): Promise<InstalledTimer> {
  const kind = TIMER_KINDS.find((each) => flags[each]) ?? defaultKind();
  if (!/^[a-z0-9][\w-]{0,40}$/i.test(flags.name))
    throw new LifeboatError(
      'usage',
      '--name must consist of letters, digits, - and _',
      'Choose a name such as lifeboat-shop.',
    );
  const path = await findConfig({ configPath: config, cwd, env });
  const folder =
    kind === 'system' || (kind === 'cron' && runsAsRoot())
      ? `/etc/${flags.name}`
      : join(configFolder(env), flags.name);
  return {
    kind,
    prefix: flags.name,
    configPath: path ?? resolve(cwd, 'lifeboat.yaml'),
    environmentFile: resolve(cwd, flags.environment ?? join(folder, 'environment')),
  };
}

async function planOf(
  installed: InstalledTimer,
  { runAs, onFailure }: TimerFlags,
  globals: Globals,
  { open, env }: CommandContext,
): Promise<TimerPlan> {
  const { kind, configPath } = installed;
  if (!existsSync(configPath))
    throw new LifeboatError(
      'usage',
      `there is no ${configPath}`,
      'Create one with `lifeboat init`, or name it with --config.',
    );
  if (runAs !== undefined && (kind !== 'system' || !/^[a-z_][\w-]*$/i.test(runAs)))
    throw new LifeboatError(
      'usage',
      '--run-as needs --system and the name of a user',
      'For timers of your own user, use --user or --cron.',
    );
  const { config } = await open();
  return {
    ...installed,
    config,
    store: (globals.store ?? env['LIFEBOAT_STORE']) === undefined ? undefined : config.store,
    program: timerProgram(env['PATH'] ?? ''),
    home: env['HOME'] ?? '/',
    runAs: runAs ?? 'root',
    onFailure,
    jobs: timerJobs(config),
    now: new Date(),
  };
}

function timerProgram(searchPath: string): TimerPlan['program'] {
  const name = `../main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
  const main = fileURLToPath(new URL(name, import.meta.url));
  // npx removes its packages some day, and the timers would stop.
  if (main.includes('/_npx/'))
    throw new LifeboatError(
      'usage',
      `${main} is in the cache of npx`,
      'Install Lifeboat first: `npm install --global`, or as a dependency of your project.',
    );
  return {
    node: lastingPath(process.execPath, 'node', searchPath),
    main: lastingPath(main, 'lifeboat', searchPath),
  };
}

function defaultKind(): TimerKind {
  if (process.platform === 'win32')
    throw new LifeboatError(
      'usage',
      'there are no timers for Windows',
      'Run `lifeboat serve`, or start the command in docs/platforms.md from the Task Scheduler.',
    );
  if (process.platform === 'darwin') return 'launchd';
  if (!hasSystemd()) return 'cron';
  return runsAsRoot() ? 'system' : 'user';
}

function requireRunning({ kind }: TimerPlan): void {
  if (kind !== 'system' && kind !== 'user') return;
  if (!hasSystemd())
    throw new LifeboatError(
      'usage',
      'systemd is not running on this machine',
      'Use --cron or `lifeboat serve`, or print the units with --print.',
    );
  if (kind === 'system' && !runsAsRoot())
    throw new LifeboatError(
      'usage',
      'only root can install systemd units of the machine',
      'Run it with sudo, or install units of your own user with --user.',
    );
}

function timerHost({ kind }: InstalledTimer, { env }: CommandContext): TimerHost {
  const folders = {
    system: '/etc/systemd/system',
    user: join(configFolder(env), 'systemd/user'),
    launchd: join(env['HOME'] ?? '/', 'Library/LaunchAgents'),
    cron: '',
  };
  return { run: runTool, folder: folders[kind], uid: process.getuid?.() ?? 0 };
}

function installedText({ files, environment }: TimerDocument, plan: TimerPlan): string {
  const lines = files.map(({ path, change }) => `  ${change.padEnd(9)}  ${path}\n`).join('');
  return `${lingeringWarning(plan)}${plan.jobs.map(({ name, schedule, timeZone }) => `${name}: ${schedule} (${timeZone})\n`).join('')}${lines}Secrets, such as those of \`notify\`, go into ${environment}, which only its owner can read.\n${versionHint(plan)}${nextRunsHint(plan)}`;
}

function versionHint({ program }: TimerPlan): string {
  return Object.values(program).some((path) => path.includes(process.versions.node))
    ? `The timers start ${program.node}. Run this again whenever you upgrade Node.\n`
    : '';
}

/** Why the timers may start nothing. */
function timerWarnings({ kind }: Pick<TimerPlan, 'kind'>): string[] {
  return kind === 'cron' && !hasCronDaemon()
    ? ['No cron daemon seems to run here, so nothing starts these lines: install and start one.']
    : [];
}

function nextRunsHint({ kind, prefix }: TimerPlan): string {
  if (kind === 'cron')
    return `${timerWarnings({ kind })
      .map((warning) => `${warning}\n`)
      .join('')}See them with \`crontab -l\`. cron mails what a failed run prints.\n`;
  if (kind === 'launchd') return `See them with \`launchctl list | grep ${prefix}\`.\n`;
  const flag = kind === 'user' ? '--user ' : '';
  return `See the next runs: systemctl ${flag}list-timers '${prefix}-*'\n`;
}

/** First in the output: without it, a server that nobody logs in to makes no backups. */
function lingeringWarning({ kind }: Pick<TimerPlan, 'kind'>): string {
  const user = ownUserName();
  return kind === 'user' && !existsSync(`/var/lib/systemd/linger/${user}`)
    ? `Warning: these timers run only while ${user} is logged in. To run them always: sudo loginctl enable-linger ${shellWord(user)}\n`
    : '';
}

function configFolder(env: CommandContext['env']): string {
  return env['XDG_CONFIG_HOME'] || join(env['HOME'] ?? '/', '.config');
}

function hasSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}
