/** From, to. */
export type Interval = readonly [start: number, end: number];

/** How much time the intervals take together; what several of them cover counts once. */
export function covered(intervals: readonly Interval[]): number {
  let total = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [start, end] of [...intervals].sort((a, b) => a[0] - b[0])) {
    if (end <= until) continue;
    total += end - Math.max(start, until);
    until = end;
  }
  return total;
}

/** How much of the time of `intervals` none of `others` covers. */
export function coveredOnly(intervals: readonly Interval[], others: readonly Interval[]): number {
  return covered([...intervals, ...others]) - covered(others);
}
