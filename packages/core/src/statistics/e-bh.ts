// e-BH: which of many e-values may be named as true, with a false share of at most alpha among them, whatever their
// dependence. Source: Wang and Ramdas, "False discovery rate control with e-values" (JRSS B, 2022).

/** Indices of the claims that are named, strongest first. */
export function attributed(logE: readonly number[], alpha: number): readonly number[] {
  const order = logE.map((_, index) => index).sort((a, b) => (logE[b] ?? 0) - (logE[a] ?? 0));
  const needed = (rank: number): number => Math.log(logE.length / (rank * alpha));
  const count = order.findLastIndex((index, at) => (logE[index] ?? 0) >= needed(at + 1)) + 1;
  return order.slice(0, count);
}
