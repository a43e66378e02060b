const LEAST_TICKS = 2;
const MOST_TICKS = 5;

/**
 * Round steps from zero to the highest value or just above it, in its unit: 0, 50, 100, 150 MiB.
 */
export function sizeTicks(highest: number): number[] {
  if (!Number.isFinite(highest) || highest <= 0) return [0, 1];
  const unit = 1024 ** Math.max(0, Math.floor(Math.log2(highest) / 10));
  const top = highest / unit;
  const decade = 10 ** Math.floor(Math.log10(top));
  // There are no fractions of a byte.
  const steps = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10]
    .map((step) => step * decade)
    .filter((step) => unit > 1 || step >= 1);
  const step = steps.find((each) => Math.ceil(top / each) <= MOST_TICKS - 1) ?? decade * 10;
  const count = Math.max(LEAST_TICKS - 1, Math.ceil(top / step));
  return Array.from({ length: count + 1 }, (_, n) => n * step * unit);
}
