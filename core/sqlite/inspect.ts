import { open, stat } from 'node:fs/promises';
import { toLifeboatError } from '../lib/errors.ts';
import { runChild } from './child.ts';
import { isCorruption } from './judge/findings.ts';
import { headerFault } from './header.ts';
import type { Judgement, JudgeQuestions } from './judge/judge.ts';
import { judgeMemory } from './memory-limit.ts';
import type { Check, Inspection, InspectOptions, Verdict } from './types.ts';

type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal | undefined };
type JudgedFile = Limits & { readonly path: string; readonly isPrivate: boolean };
type Inquiry = JudgedFile & { readonly questions: JudgeQuestions };
type StructureInquiry = JudgedFile & {
  readonly integrity: InspectOptions['integrity'];
};

/** The worst decides; a warning is none. */
export function verdictOf(checks: readonly Check[]): Verdict {
  return checks.some(({ result }) => result === 'failed')
    ? 'failed'
    : checks.some(({ result }) => result === 'inconclusive')
      ? 'inconclusive'
      : 'ok';
}

/**
 * Looks into a snapshot and ends in a verdict. Nothing stays beside the file; damage is an answer,
 * not an exception.
 */
export async function inspect(path: string, options: InspectOptions): Promise<Inspection> {
  const { signal, timeoutMs, integrity, foreignKeys, assertions, allowEmpty, migrations } = options;
  const header = await checkFileHeader(path);
  if (header.result === 'failed')
    return {
      verdict: 'failed',
      checks: [header],
      engines: [],
      tables: {},
      schema: null,
      migrations: [],
    };
  const inquiry: Inquiry = {
    path,
    isPrivate: options.isPrivate,
    questions: {
      integrity,
      foreignKeys,
      assertions,
      allowEmpty,
      migrations,
    },
    timeoutMs,
    signal,
  };
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const first =
    size <= options.sandboxLimit
      ? await orInconclusive('sql.js', askSandbox(inquiry), signal)
      : undefined;
  // What sql.js lacks, or could not judge, the native engine judges too; what it found damaged
  // stays damaged.
  const second =
    !first || first.virtual || verdictOf(first.checks) === 'inconclusive'
      ? await orInconclusive('node:sqlite', askNative(inquiry), signal)
      : undefined;
  const own = first
    ? second && second.schema !== null
      ? first.checks.filter(({ result }) => result !== 'inconclusive')
      : first.checks
    : [];
  const checks = [header, ...own, ...(second?.checks ?? [])];
  const best = second && second.schema !== null ? second : (first ?? second);
  const engines = [first, second].flatMap((each) =>
    each && each.version !== '' ? [{ name: each.engine, version: each.version }] : [],
  );
  return {
    verdict: verdictOf(checks),
    checks,
    engines,
    tables: best?.tables ?? {},
    schema: best?.schema ?? null,
    migrations: best?.migrations ?? [],
  };
}

/**
 * Whether the structure of a file is sound, by `quick_check` or `integrity_check` of the native
 * engine.
 */
export async function checkStructure(
  path: string,
  integrity: InspectOptions['integrity'],
  { timeoutMs, signal }: Limits,
): Promise<readonly Check[]> {
  const header = await checkFileHeader(path);
  if (header.result === 'failed') return [header];
  const { checks } = await orInconclusive(
    'node:sqlite',
    askNative({ path, isPrivate: false, integrity, timeoutMs, signal }),
    signal,
  );
  return [header, ...checks];
}

/** Whether the file begins as a database does and has the length that its header names. */
export async function checkFileHeader(path: string): Promise<Check> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  const fault = headerFault(buffer.subarray(0, bytesRead), size);
  return fault
    ? { name: 'header', result: 'failed', detail: `the file ${fault.problem}` }
    : { name: 'header', result: 'ok' };
}

/** A judge that is late or dies has said nothing: the backup is kept, and marked. */
async function orInconclusive(
  engine: Judgement['engine'],
  answer: Promise<Judgement>,
  signal: AbortSignal | undefined,
): Promise<Judgement> {
  try {
    return await answer;
  } catch (error) {
    signal?.throwIfAborted();
    const { message } = toLifeboatError(error);
    const damaged = engine === 'node:sqlite' && isCorruption(message);
    return {
      engine,
      version: '',
      checks: [
        {
          name: 'judge',
          result: damaged ? 'failed' : 'inconclusive',
          engine,
          detail: message.slice(0, 200),
        },
      ],
      tables: {},
      schema: null,
      virtual: false,
      migrations: [],
    };
  }
}

/**
 * sql.js: memory-safe on hostile files, but without FTS5 and R-Tree, and with the whole file in
 * memory. In a process of its own, because to free WebAssembly can abort the whole process in Node
 * 24 (nodejs/node#64500), and because what runs out of memory there takes nothing with it.
 */
function askSandbox({ path, questions, timeoutMs, signal }: Inquiry): Promise<Judgement> {
  return runChild<Judgement>('sandbox-child', { input: { path, questions }, signal, timeoutMs });
}

/** An index of a hostile file can hold thousands of large values at once, so memory is limited. */
async function askNative({
  timeoutMs,
  signal,
  ...input
}: Inquiry | StructureInquiry): Promise<Judgement> {
  const { size } = await stat(input.path);
  return runChild<Judgement>('native-child', {
    input,
    signal,
    timeoutMs,
    execArgv: ['--max-old-space-size=256'],
    mostMemory: judgeMemory(size),
  });
}
