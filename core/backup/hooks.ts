import type { HookResult } from '../documents/backup.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { observedHook, observedSuccess, type RunMoment } from '../alerts/observations.ts';
import type { Observation } from '../alerts/rules.ts';
import { runCommand, type Command, type CommandEnding } from '../lib/processes/command.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';
import type { Run } from '../runs/run.ts';

type HookName = HookResult['hook'];
type HookCommand = Command & { readonly timeoutMs: number };
type HookOutcome = 'ok' | 'failed';

export type Hooks = {
  /**
   * Runs `before`, the work on the backup `id`, and `after` whatever became of both. Throws what `before` or the work
   * threw. A failed `after` changes nothing for the run; `observations` and `document` have it.
   */
  readonly around: <T>(run: Run, id: string, work: () => Promise<T>) => Promise<T>;
  readonly document: () => { hooks?: HookResult[] };
  /** Of `after`: a failed `before` fails the run. */
  readonly observations: (moment: RunMoment) => Observation[];
};

/**
 * `after` often starts again what `before` stopped, so it also runs when the run was interrupted, and
 * goes on when that happens meanwhile. It then has this long, because the record and the
 * notifications need the rest of the time.
 */
const AFTER_INTERRUPTION_MS = 5000;

/** The commands that the configuration has for before and after a backup of this database. */
export function createHooks({ name, hooks }: DatabaseConfig): Hooks {
  const results: HookResult[] = [];
  let afterFailure: LifeboatError | undefined;
  const call = async (run: Run, each: Omit<HookCall, 'name'>): Promise<void> => {
    const { hook } = each;
    const command: HookCommand | undefined = hooks?.[hook];
    if (!command) return;
    const work = (): Promise<void> => runHookCommand(run, command, { ...each, name });
    const error = await (hook === 'before'
      ? errorOf(() => run.steps.run(hook, work))
      : // A failed `after` is not the step at which the run failed.
        run.steps.run(hook, () => errorOf(work)));
    const durationMs = run.steps.durations()[hook] ?? 0;
    results.push({ hook, ok: !error, durationMs, ...(error ? { error: textsOf(error) } : {}) });
    if (error) throw error;
  };
  return {
    around: async (run, id, work) => {
      let outcome: HookOutcome = 'failed';
      try {
        await call(run, { hook: 'before', id, outcome: undefined });
        const result = await work();
        outcome = 'ok';
        return result;
      } finally {
        await call(run, { hook: 'after', id, outcome }).catch((error: unknown) => {
          afterFailure = toLifeboatError(error);
        });
      }
    },
    document: () => (hooks ? { hooks: results } : {}),
    observations: (moment) => {
      // One that is no longer configured fails no more.
      if (!hooks?.after) return observedSuccess(['hook'], moment);
      const isKnown = results.some(({ hook }) => hook === 'after');
      return isKnown && afterFailure?.code !== 'interrupted'
        ? observedHook(afterFailure, moment)
        : [];
    },
  };
}

type HookCall = {
  readonly hook: HookName;
  readonly name: string;
  readonly id: string;
  readonly outcome: HookOutcome | undefined;
};

async function runHookCommand(run: Run, command: HookCommand, call: HookCall): Promise<void> {
  const { context, signal } = run;
  const { hook, name, id, outcome } = call;
  if (hook === 'before') signal.throwIfAborted();
  using limit = startHookLimit(command, hook === 'before' ? 0 : AFTER_INTERRUPTION_MS, signal);
  const startedMs = performance.now();
  const ending = await runCommand(command, {
    input: '',
    env: {
      ...context.commandEnv,
      LIFEBOAT_HOOK: hook,
      LIFEBOAT_DATABASE: name,
      LIFEBOAT_BACKUP: id,
      LIFEBOAT_OUTCOME: outcome,
    },
    signal: limit.signal,
  });
  const durationMs = Math.round(performance.now() - startedMs);
  const failure = hookFailure(ending, {
    ...call,
    endedBy: ending.killedBy === null ? undefined : limit.reached(),
    timeoutMs: command.timeoutMs,
  });
  const { code, hint } = failure ?? {};
  context.log(
    !failure ? 'INFO' : hook === 'before' && code !== 'interrupted' ? 'ERROR' : 'WARNING',
    failure?.message ?? `${hookTitle(call)} ended`,
    {
      event: 'hook',
      database: name,
      run: run.name,
      hook,
      ok: !failure,
      durationMs,
      output: ending.output,
      code,
      hint,
    },
  );
  // A hook that the signal ended is no fault of the hook: the run says that it was interrupted.
  if (failure && hook === 'before') signal.throwIfAborted();
  if (failure) throw failure;
}

type Limit = 'timeout' | 'interruption';

/** Ends a hook at its timeout, and `graceMs` after the run was interrupted. */
function startHookLimit({ timeoutMs }: HookCommand, graceMs: number, interruption: AbortSignal) {
  const ending = new AbortController();
  let reason: Limit | undefined;
  const startTimer = (limit: Limit, ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      reason ??= limit;
      ending.abort();
    }, ms);
  const timeout = startTimer('timeout', timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  const startGrace = (): void => void (grace = startTimer('interruption', graceMs));
  if (interruption.aborted) startGrace();
  else interruption.addEventListener('abort', startGrace, { once: true });
  return {
    signal: ending.signal,
    reached: (): Limit | undefined => reason,
    [Symbol.dispose]: (): void => {
      interruption.removeEventListener('abort', startGrace);
      clearTimeout(timeout);
      clearTimeout(grace);
    },
  };
}

type HookEnd = HookCall & {
  readonly endedBy: Limit | undefined;
  readonly timeoutMs: number;
};

function hookFailure(
  { status, killedBy, problem, isStillRunning, lastLine }: CommandEnding,
  call: HookEnd,
): LifeboatError | undefined {
  if (status === 0) return undefined;
  const { hook, name, outcome, endedBy, timeoutMs } = call;
  const key = `databases.${name}.hooks.${hook}`;
  const output = lastLine === '' ? '' : `: ${lastLine}`;
  const again =
    hook === 'before'
      ? `Then run \`lifeboat backup ${name}\` again.`
      : outcome === 'ok'
        ? 'The backup was made and counts.'
        : 'It ran after a backup that failed.';
  const failure = (what: string, advice: string): LifeboatError =>
    new LifeboatError('hook_failed', `${hookTitle(call)} ${what}`, `${advice} ${again}`);
  if (problem !== undefined)
    return failure(
      `cannot be started: ${problem}`,
      `Correct \`${key}.run\`: it must begin with the absolute path of a program.`,
    );
  if (isStillRunning)
    return failure(
      `could not be ended (EPERM), and is still running as another user${output}`,
      `End it by hand. A hook that changes its user must end by itself within \`${key}.timeout\`.`,
    );
  if (endedBy === 'interruption')
    return new LifeboatError(
      'interrupted',
      `${hookTitle(call)} was ended because the backup was interrupted${output}`,
      hook === 'before'
        ? `Run \`lifeboat backup ${name}\` again.`
        : `If \`${key}\` in lifeboat.yaml starts something again, run it by hand.`,
    );
  if (endedBy === 'timeout')
    return failure(
      `did not end within ${formatTook(ENGLISH, timeoutMs)}${output}`,
      `Run the command by hand. If it needs more time, raise \`${key}.timeout\` in lifeboat.yaml.`,
    );
  return failure(
    killedBy === null
      ? `ended with status ${status}${output}`
      : `was ended by ${killedBy}${output}`,
    `Run \`${key}\` of lifeboat.yaml by hand, and fix it.`,
  );
}

function hookTitle({ hook, name }: Pick<HookCall, 'hook' | 'name'>): string {
  return `the hook ${hook} the backup of ${name}`;
}

function errorOf(work: () => Promise<void>): Promise<LifeboatError | undefined> {
  return work().then(() => undefined, toLifeboatError);
}

function textsOf({ code, message, hint }: LifeboatError): NonNullable<HookResult['error']> {
  return { code, message, hint };
}
