// Sums and means of numbers known by their logarithm: e-values are products of thousands of factors, and only
// their logarithms fit a double. All logarithms are natural.

/** log(exp(a) + exp(b)), also where either is minus infinity. */
export function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === Number.NEGATIVE_INFINITY) return high;
  return high + Math.log(1 + Math.exp(Math.min(a, b) - high));
}

/** log of the sum; minus infinity of none. */
export function logSum(logs: readonly number[]): number {
  let high = Number.NEGATIVE_INFINITY;
  for (const log of logs) high = Math.max(high, log);
  if (high === Number.NEGATIVE_INFINITY) return high;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - high);
  return high + Math.log(sum);
}

/** log of the sum, each with the weight whose log is at its place. */
export function logWeighted(logs: readonly number[], logWeights: readonly number[]): number {
  const weighted = new Array<number>(logs.length);
  for (let i = 0; i < logs.length; i++) {
    weighted[i] = (logs[i] ?? 0) + (logWeights[i] ?? Number.NEGATIVE_INFINITY);
  }
  return logSum(weighted);
}

/** log of the plain mean. */
export function logMean(logs: readonly number[]): number {
  return logSum(logs) - Math.log(logs.length);
}
