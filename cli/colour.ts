const COLOUR_CODES = { red: 31, green: 32, yellow: 33 } as const;

export type Colour = keyof typeof COLOUR_CODES;

/** The text in a colour, or as it is without one. `visible.ts` lets these colours through. */
export function coloured(text: string, colour: Colour | undefined): string {
  return colour === undefined ? text : `\u001B[${COLOUR_CODES[colour]}m${text}\u001B[39m`;
}

/** Whether something worked, for a table. */
export function okText(ok: boolean, colours: boolean): string {
  return ok
    ? coloured('ok', colours ? 'green' : undefined)
    : coloured('FAILED', colours ? 'red' : undefined);
}

/** How bad a finding is, for a table: in capitals what makes the command fail. */
export function levelText(level: string, colours: boolean): string {
  const [word, colour]: [string, Colour | undefined] =
    level === 'fault' || level === 'alarm'
      ? [level === 'fault' ? 'PROBLEM' : 'ALARM', 'red']
      : [level, level === 'ok' ? 'green' : level === 'warning' ? 'yellow' : undefined];
  return coloured(word, colours ? colour : undefined);
}
