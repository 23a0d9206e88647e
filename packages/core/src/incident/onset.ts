// In which tick harm began: the change point of a series of counts, as the start of the stretch up to the detection that
// is likeliest to have a rate of its own. Source: E. S. Page, Continuous inspection schemes, Biometrika 41 (1954), with
// the rate after the change put in as it is estimated (generalized likelihood ratio, Poisson counts).

/** One tick: so many requests, of which so many were harmed. */
export type HarmPoint = { readonly n: number; readonly bad: number };

export type Change = {
  /** The first point that belongs to the harm. */
  readonly index: number;
  /** Log of how much likelier the counts are with the change than without. */
  readonly logRatio: number;
};

/** Less than 20 to 1, for each point that it might have begun at, is no change that could be told a time of. */
const RATIO_MIN = 20;

/**
 * `reference`: the rate of who was not harmed at the same time; null compares the points with those before them. Null
 * where the counts do not show a change for the worse.
 */
export function changeIn(points: readonly HarmPoint[], reference: number | null): Change | null {
  const whole = sumOf(points);
  const logRatioMin = Math.log(RATIO_MIN * Math.max(1, points.length));
  let best: Change | null = null;
  const since = { n: 0, bad: 0 };
  for (let index = points.length - 1; index >= 0; index--) {
    const point = points[index];
    if (point === undefined || point.n === 0) continue;
    since.n += point.n;
    since.bad += point.bad;
    const logRatio =
      reference === null ? logRatioOfPast(since, whole) : logRatioOf(since, reference);
    if (logRatio > (best?.logRatio ?? logRatioMin)) best = { index, logRatio };
  }
  return best;
}

function sumOf(points: readonly HarmPoint[]): HarmPoint {
  return points.reduce((sum, { n, bad }) => ({ n: sum.n + n, bad: sum.bad + bad }), {
    n: 0,
    bad: 0,
  });
}

/** Against a rate that is known: bad * ln(rate / reference) - n * (rate - reference). */
function logRatioOf({ n, bad }: HarmPoint, reference: number): number {
  if (bad <= n * reference) return 0;
  return bad * Math.log(bad / (n * reference)) - (bad - n * reference);
}

/** Against the points before: both parts with rates of their own, or one rate for all. */
function logRatioOfPast(since: HarmPoint, whole: HarmPoint): number {
  const before = { n: whole.n - since.n, bad: whole.bad - since.bad };
  if (before.n === 0 || since.bad * before.n <= before.bad * since.n) return 0;
  const rate = whole.bad / whole.n;
  const part = ({ n, bad }: HarmPoint): number =>
    bad === 0 ? 0 : bad * Math.log(bad / (n * rate));
  return part(since) + part(before);
}
