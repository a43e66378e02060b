import type { HookResult } from '../documents/backup.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { observedHook, type RunMoment } from '../alerts/observations.ts';
import type { Observation } from '../alerts/rules.ts';
import { runCommand, type Command, type CommandEnding } from '../lib/command.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/format.ts';
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
 * `after` often starts again what `before` stopped, so it also runs when the run was interrupted. It
 * then has this long, because the record and the notifications need the rest of the time.
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
    const error = await run.steps.run(hook, work).then(() => undefined, toLifeboatError);
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
    observations: (moment) =>
      results.some(({ hook }) => hook === 'after') ? observedHook(afterFailure, moment) : [],
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
  const isInterrupted = signal.aborted;
  if (hook === 'before') signal.throwIfAborted();
  const limitMs = isInterrupted
    ? Math.min(command.timeoutMs, AFTER_INTERRUPTION_MS)
    : command.timeoutMs;
  const limit = AbortSignal.timeout(limitMs);
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
    signal: isInterrupted ? limit : AbortSignal.any([limit, signal]),
  });
  const durationMs = Math.round(performance.now() - startedMs);
  const lateMs = limit.aborted && ending.killedBy !== null ? limitMs : undefined;
  const failure = hookFailure(ending, { ...call, lateMs });
  const { code, hint } = failure ?? {};
  context.log(
    !failure ? 'INFO' : hook === 'before' ? 'ERROR' : 'WARNING',
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

function hookFailure(
  { status, killedBy, problem, lastLine }: CommandEnding,
  call: HookCall & { readonly lateMs: number | undefined },
): LifeboatError | undefined {
  if (status === 0) return undefined;
  const { hook, name, outcome, lateMs } = call;
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
      `Correct \`${key}.run\`: it begins with the absolute path of a program.`,
    );
  if (lateMs !== undefined)
    return failure(
      `did not end within ${formatTook(ENGLISH, lateMs)}${output}`,
      `Run it by hand, and raise \`${key}.timeout\` if it needs more time.`,
    );
  return failure(
    killedBy === null
      ? `ended with status ${status}${output}`
      : `was ended by ${killedBy}${output}`,
    `Run it by hand and fix it; it is \`${key}\` in lifeboat.yaml.`,
  );
}

function hookTitle({ hook, name }: Pick<HookCall, 'hook' | 'name'>): string {
  return `the hook ${hook} the backup of ${name}`;
}

function textsOf({ code, message, hint }: LifeboatError): NonNullable<HookResult['error']> {
  return { code, message, hint };
}
