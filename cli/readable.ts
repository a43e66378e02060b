const SEVERITY_COLOURS: Readonly<Record<string, string>> = {
  ERROR: '\u001B[31m',
  WARNING: '\u001B[33m',
};

/** A JSON line of the log as a line for a person. Any other line stays as it is. */
export function readable(line: string, colours: boolean): string {
  let entry: { severity?: unknown; message?: unknown; time?: unknown; hint?: unknown };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    return `${line}\n`;
  }
  if (typeof entry.message !== 'string') return `${line}\n`;
  const severity = typeof entry.severity === 'string' ? entry.severity : 'INFO';
  const time = typeof entry.time === 'string' ? entry.time.slice(11, 19) : '--------';
  const colour = colours ? SEVERITY_COLOURS[severity] : undefined;
  const hint = typeof entry.hint === 'string' ? `. ${entry.hint}` : '';
  const text = `${time} ${severity.padEnd(7)} ${entry.message}${hint}`;
  return colour === undefined ? `${text}\n` : `${colour}${text}\u001B[0m\n`;
}
