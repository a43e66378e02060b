import type { Command } from 'commander';
import type { Terminal } from '../output.ts';
import { createProgress } from '../progress.ts';
import { addBackup } from './backup.ts';
import { addCompletion } from './completion.ts';
import { addDev } from './dev.ts';
import { addDiff } from './diff.ts';
import { addDoctor } from './doctor.ts';
import { addInit } from './init.ts';
import { addInstallHook } from './install-hook.ts';
import { addInstallTimer } from './install-timer.ts';
import { addKeygen } from './keygen.ts';
import { addList } from './list.ts';
import { addNotifyTest } from './notify-test.ts';
import { addPrune } from './prune.ts';
import { addQuery } from './query.ts';
import { addRestore } from './restore.ts';
import { addRestoreTest } from './restore-test.ts';
import { addRetire } from './retire.ts';
import { addServe } from './serve.ts';
import { addStatus } from './status.ts';
import { addTrigger } from './trigger.ts';
import { addVerify } from './verify.ts';
import { addWatch } from './watch.ts';
import type { CommandContext } from './context.ts';
import type { Globals, Setup } from '../setup.ts';

/** As the help shows them. */
const GROUPS: readonly [string, ...((program: Command, context: CommandContext) => void)[]][] = [
  ['Back up and restore:', addBackup, addList, addRestore, addQuery, addDiff],
  ['Check:', addStatus, addVerify, addRestoreTest, addWatch, addDoctor],
  ['Set up:', addInit, addInstallTimer, addKeygen, addNotifyTest, addInstallHook, addCompletion],
  ['Clean up:', addPrune, addRetire],
  ['Run everything in one process:', addServe, addDev],
  ['Deployments on Google Cloud:', addTrigger],
];

export function addCommands(program: Command, setup: Setup, terminal: Terminal): void {
  const { streams, signal, env, cwd } = setup;
  const progress = createProgress(streams.progress, streams.columns, () => performance.now());
  const hasProgress = streams.terminal && !terminal.json && !terminal.quiet;
  const context: CommandContext = {
    terminal,
    signal,
    env,
    cwd,
    open: (options = { notify: false }) => setup.open(program.opts<Globals>(), options),
    running: { signal, onProgress: hasProgress ? progress.update : undefined },
    clearProgress: progress.clear,
  };
  for (const [group, ...commands] of GROUPS) {
    program.commandsGroup(group);
    for (const add of commands) add(program, context);
  }
  program.commandsGroup('Help:').helpCommand('help [command]', 'show the help of a command');
}
