export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
export type Family = {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
};

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const VALUE = /^([+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN)$/;
const PAIR = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;
const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/**
 * Reads the text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/) and refuses what it does not allow: HELP, TYPE and samples of a
 * metric in one group, each once, no sample twice, a line feed at the end.
 */
export function parseExposition(text: string): Map<string, Family> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no line feed');
  const families = new Map<string, { help: string; type: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP' && families.has(name)) throw new Error(`a second HELP of ${name}`);
      const family = families.get(name) ?? { help: '', type: '', samples: [] };
      if (
        kind === 'TYPE' &&
        (family.type !== '' ||
          family.samples.length > 0 ||
          !/^(counter|gauge|histogram|summary|untyped)$/.test(rest))
      )
        throw new Error(`a TYPE that cannot be: ${line}`);
      families.set(name, { ...family, ...(kind === 'HELP' ? { help: rest } : { type: rest }) });
      current = name;
      continue;
    }
    const [, name = '', labels = '', value = ''] =
      new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line) ?? [];
    if (name !== current || !VALUE.test(value)) throw new Error(`no sample of ${current}: ${line}`);
    const key = `${name} ${JSON.stringify(Object.entries(labelsOf(labels)).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    families.get(name)?.samples.push({
      name,
      labels: labelsOf(labels),
      value: Number(value.replace('Inf', 'Infinity')),
    });
  }
  return families;
}

function labelsOf(text: string): Record<string, string> {
  const labels = new Map<string, string>();
  for (let rest = text; rest !== '';) {
    const [whole, name = '', value = ''] = PAIR.exec(rest) ?? [];
    if (whole === undefined || labels.has(name)) throw new Error(`no labels: ${text}`);
    labels.set(
      name,
      value.replaceAll(/\\["\\n]/g, (each) => ESCAPES[each] ?? ''),
    );
    rest = rest.slice(whole.length);
  }
  return Object.fromEntries(labels);
}
