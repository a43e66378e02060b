import type { Command } from 'commander';
import type { Terminal } from '../output.ts';
import { createProgress } from '../progress.ts';
import { addBackup } from './backup.ts';
import { addDev } from './dev.ts';
import { addDoctor } from './doctor.ts';
import { addInit } from './init.ts';
import { addInstallHook } from './install-hook.ts';
import { addKeygen } from './keygen.ts';
import { addList } from './list.ts';
import { addNotifyTest } from './notify-test.ts';
import { addPrune } from './prune.ts';
import { addQuery } from './query.ts';
import { addRestore } from './restore.ts';
import { addRestoreTest } from './restore-test.ts';
import { addRetire } from './retire.ts';
import { addStatus } from './status.ts';
import { addTrigger } from './trigger.ts';
import { addVerify } from './verify.ts';
import { addWatch } from './watch.ts';
import type { Door } from './door.ts';
import type { Globals, Setup } from '../setup.ts';

export function addCommands(program: Command, setup: Setup, terminal: Terminal): void {
  const { streams, signal, env, cwd } = setup;
  const progress = createProgress(streams.err, streams.columns, () => performance.now());
  const visible = streams.terminal && !terminal.json && !terminal.quiet;
  const door: Door = {
    terminal,
    signal,
    env,
    cwd,
    open: (more = { notify: false }) => setup.open(program.opts<Globals>(), more),
    watching: { signal, ...(visible ? { onProgress: progress.update } : {}) },
    clear: progress.clear,
  };
  for (const add of [
    addBackup,
    addRestore,
    addList,
    addStatus,
    addVerify,
    addPrune,
    addQuery,
    addRetire,
    addKeygen,
    addRestoreTest,
    addWatch,
    addNotifyTest,
    addTrigger,
    addInstallHook,
    addInit,
    addDoctor,
    addDev,
  ])
    add(program, door);
}
