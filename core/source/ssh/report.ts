/** What the script has reported so far. The words are those of `script.ts`. */
export type ScriptReport = {
  /** Of sqlite3 on the host. */
  version?: string;
  /** Bytes of the database. */
  size?: number;
  header?: { readonly size: number; readonly bytes: Buffer };
  /** When the read transaction began, by this machine's clock. */
  begunAt?: Date;
  /** Bytes that sqlite3 has copied on the host. */
  copied?: number;
  /** Nobody wrote while the script copied. */
  quiet: boolean;
  sum?: string;
  done: boolean;
  fail?: { readonly word: string; readonly detail: string };
  /** What others printed: a banner, the shell, the programs. */
  noise: string;
};

const NOISE_LENGTH = 500;
const LONGEST_LINE = 64 * 1024;

export function emptyReport(): ScriptReport {
  return { quiet: false, done: false, noise: '' };
}

/** Reads the lines that begin with the mark into the report, piece by piece. */
export function createReportReader(
  report: ScriptReport,
  mark: string,
  now: () => Date,
  onWord: (word: string) => void,
): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = `${rest}${chunk.toString('utf8')}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) {
      if (!line.startsWith(`${mark} `)) {
        report.noise = `${report.noise} ${printable(line)}`.slice(0, NOISE_LENGTH);
        continue;
      }
      const [, word = '', details = ''] = /^\S+ (\S+) ?(.*)$/s.exec(line) ?? [];
      recordWord(report, word, details, now);
      onWord(word);
    }
  };
}

function recordWord(report: ScriptReport, word: string, details: string, now: () => Date): void {
  const [first = '', second = ''] = details.split(' ');
  const isNumber = /^\d+$/.test(first);
  if (word === 'hello') report.version = printable(first).slice(0, 20);
  else if (word === 'size' && isNumber) report.size = Number(first);
  else if (word === 'header')
    report.header = { size: Number(first), bytes: Buffer.from(second, 'hex') };
  else if (word === 'begun') report.begunAt = now();
  else if (word === 'copied' && isNumber) report.copied = Number(first);
  else if (word === 'quiet') report.quiet = true;
  else if (word === 'sum') report.sum = first;
  else if (word === 'done') report.done = true;
  else if (word === 'fail')
    report.fail = { word: first, detail: printable(details.slice(first.length)).slice(0, 400) };
}

function printable(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ').trim();
}
