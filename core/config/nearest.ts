/**
 * Whether two texts differ by one insertion, deletion, replacement or swap of neighbours; case does
 * not count.
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

/** The only known name that is near; `undefined` when there are several or none. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const candidates = names.filter((each) => isNear(name, each));
  return candidates.length === 1
    ? candidates[0]
    : candidates.find((each) => each.toLowerCase() === name.toLowerCase());
}
