/** A line without its strings and comment, whose content must not count. */
const bareLine = (line: string): string =>
  line.replaceAll(/"(?:\\.|[^"\\])*"/g, '""').replace(/(#|\/\/).*$/, '');
const count = (text: string, of: RegExp): number => text.match(of)?.length ?? 0;
const net = (line: string): number =>
  count(bareLine(line), /[[({]/g) - count(bareLine(line), /[\])}]/g);

/** The indentation of each line by the rule of `terraform fmt`: two spaces for each line (not for each bracket) that opens more than it closes. */
const indents = (lines: readonly string[]): number[] => {
  const open: number[] = [];
  return lines.map((line) => {
    const change = net(line);
    if (change > 0) {
      open.push(change);
      return open.length - 1;
    }
    let closing = -change;
    while (closing > 0 && open.length > 0) {
      const last = open.pop() ?? 0;
      if (closing < last) open.push(last - closing);
      closing = Math.max(0, closing - last);
    }
    return open.length;
  });
};

const ASSIGNMENT = /^(\s*)([\w-]+|"[^"]*"|\([^)]*\))(\s+)=(\s+)\S/;

/** What `terraform fmt` would change in our files: indentation, aligned equal signs, trailing spaces, the last line. A stand-in for machines without Terraform. */
export const formatFaults = (file: string, text: string): string[] => {
  const lines = text.split('\n');
  const depth = indents(lines);
  const faults: string[] = [];
  if (!text.endsWith('\n') || text.endsWith('\n\n'))
    faults.push(`${file}: must end with one line break`);
  lines.forEach((line, at) => {
    const place = `${file}:${at + 1}`;
    if (/\s$/.test(line)) faults.push(`${place}: ends with a space`);
    if (line.trim() !== '' && (/^ */.exec(line)?.[0].length ?? 0) !== (depth[at] ?? 0) * 2)
      faults.push(`${place}: is not in by ${(depth[at] ?? 0) * 2}`);
    if (line === '' && lines[at + 1] === '' && at + 2 < lines.length)
      faults.push(`${place}: two empty lines`);
  });
  let group: { place: string; key: number; gap: number; after: number }[] = [];
  const close = (): void => {
    const widest = Math.max(0, ...group.map(({ key }) => key));
    for (const { place, key, gap, after } of group)
      if (key + gap !== widest + 1 || after !== 1) faults.push(`${place}: its = is not in line`);
    group = [];
  };
  lines.forEach((line, at) => {
    const [, , key = '', gap = '', after = ''] = ASSIGNMENT.exec(line) ?? [];
    const alone = key !== '' && net(line) !== 0;
    if (key === '' || alone) close();
    if (key !== '')
      group.push({
        place: `${file}:${at + 1}`,
        key: key.length,
        gap: gap.length,
        after: after.length,
      });
    if (alone) close();
  });
  close();
  return faults;
};
