// Sums and means of numbers known by their logarithm: e-values are products of thousands of factors, and only
// their logarithms fit a double. All logarithms are natural.

/** log(exp(a) + exp(b)), also where either is minus infinity. */
export function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === Number.NEGATIVE_INFINITY) return high;
  return high + Math.log(Math.exp(a - high) + Math.exp(b - high));
}

/** log of the sum; minus infinity of none. */
export function logSum(logs: readonly number[]): number {
  const high = Math.max(...logs);
  if (high === Number.NEGATIVE_INFINITY) return high;
  return high + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - high), 0));
}

/** log of the sum, each with the weight whose log is at its place. */
export function logWeighted(logs: readonly number[], logWeights: readonly number[]): number {
  return logSum(logs.map((log, index) => log + (logWeights[index] ?? Number.NEGATIVE_INFINITY)));
}

/** log of the plain mean. */
export function logMean(logs: readonly number[]): number {
  return logSum(logs) - Math.log(logs.length);
}
