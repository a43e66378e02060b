/**
 * Whether one insertion, deletion, replacement or swap of neighbours, or nothing but case, makes
 * one text the other.
 */
export function isNear(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  let start = 0;
  while (start < x.length && x[start] === y[start]) start += 1;
  const [restX, restY] = [x.slice(start), y.slice(start)];
  if (restX.slice(1) === restY.slice(1) || restX.slice(1) === restY || restX === restY.slice(1))
    return true;
  return restX[0] === restY[1] && restX[1] === restY[0] && restX.slice(2) === restY.slice(2);
}

/** The known name that was meant, where exactly this can be said. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const near = known.filter((each) => isNear(name, each));
  return near.length === 1
    ? near[0]
    : near.find((each) => each.toLowerCase() === name.toLowerCase());
}
