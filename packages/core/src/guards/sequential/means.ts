// What a guard of means has gathered: per tick, how far the candidate's mean lies from stable's in the same tick, and
// how much single requests differ. Tokens and cost have heavy tails and are no counts; the test is asymptotic.

import { type EvidenceRow, KEY_BUCKETS, type ServingArm, type Usages } from "../../evidence/row.ts";
import type { Prices } from "../../prices.ts";
import { meanDispersion } from "../../statistics/overdispersion.ts";
import type { MeanMetric, SequentialGuard } from "../guard.ts";

export type Moments = { readonly n: number; readonly sum: number; readonly squares: number };

export type MeansEvidence = {
  readonly candidate: Moments;
  readonly stable: Moments;
  /**
   * Sums over ticks of w times the mean of an arm, where w = n_c n_s / (n_c + n_s): what changes from tick to tick for
   * both arms cancels, also when the shares do.
   */
  readonly weighted: { readonly candidate: number; readonly stable: number };
  /** Sums over ticks of w² / n of an arm: its variance times this is that of its weighted sum. */
  readonly spread: { readonly candidate: number; readonly stable: number };
  /** Sum of w. */
  readonly weight: number;
  /** Sums of the metric of both arms by key bucket, with arrivals: how much users differ. */
  readonly buckets: { readonly arrivals: readonly number[]; readonly sums: readonly number[] };
};

/** Fewer observations than this in an arm say nothing: the test is for large numbers. */
const OBSERVED_MIN = 100;

const NONE: Moments = { n: 0, sum: 0, squares: 0 };

export function emptyMeans(): MeansEvidence {
  const zeros = new Array<number>(KEY_BUCKETS).fill(0);
  return {
    candidate: NONE,
    stable: NONE,
    weighted: { candidate: 0, stable: 0 },
    spread: { candidate: 0, stable: 0 },
    weight: 0,
    buckets: { arrivals: zeros, sums: zeros },
  };
}

/** The same object where a tick adds nothing. */
export function withMeans(
  before: MeansEvidence,
  { metric, comparison }: SequentialGuard,
  rows: readonly EvidenceRow[],
): MeansEvidence {
  if (metric.kind !== "mean" || factorsOf(metric, "stable") === null) return before;
  const candidate = momentsOf(metric, rows, "candidate");
  const stable = momentsOf(metric, rows, "stable");
  if (candidate.n === 0 && stable.n === 0) return before;
  const both = candidate.n + stable.n;
  // A limit is compared with nobody.
  const weight = comparison.kind === "limit" ? candidate.n : (candidate.n * stable.n) / both;
  const arm = (name: ServingArm, own: Moments): { weighted: number; spread: number } => ({
    weighted: before.weighted[name] + (own.n === 0 ? 0 : (weight * own.sum) / own.n),
    spread: before.spread[name] + (own.n === 0 ? 0 : weight ** 2 / own.n),
  });
  const [c, s] = [arm("candidate", candidate), arm("stable", stable)];
  return {
    candidate: plus(before.candidate, candidate),
    stable: plus(before.stable, stable),
    weighted: { candidate: c.weighted, stable: s.weighted },
    spread: { candidate: c.spread, stable: s.spread },
    weight: before.weight + weight,
    buckets: addBuckets(before.buckets, metric, rows),
  };
}

function plus(a: Moments, b: Moments): Moments {
  return { n: a.n + b.n, sum: a.sum + b.sum, squares: a.squares + b.squares };
}

type Factors = { readonly input: number; readonly cached: number; readonly output: number };

/** What a token of each kind counts; null for a cost without prices. */
function factorsOf({ of, prices }: MeanMetric, arm: ServingArm): Factors | null {
  if (of === "input-tokens") return { input: 1, cached: 0, output: 0 };
  if (of === "output-tokens") return { input: 0, cached: 0, output: 1 };
  return prices === null ? null : perToken(prices[arm]);
}

/** Cached tokens are among those of the input, at a price of their own. */
function perToken({ input, cached, output }: Prices): Factors {
  return { input: input / 1e6, cached: (cached - input) / 1e6, output: output / 1e6 };
}

export function momentsOf(
  metric: MeanMetric,
  rows: readonly EvidenceRow[],
  arm: ServingArm,
): Moments {
  const factors = factorsOf(metric, arm);
  if (factors === null) return NONE;
  let [n, sum, squares] = [0, 0, 0];
  for (const { arm: own, tokens, usage } of rows) {
    if (own !== arm) continue;
    n += usage.n;
    sum += linear(factors, tokens);
    squares += quadratic(factors, usage);
  }
  return { n, sum, squares };
}

function linear(factors: Factors, tokens: EvidenceRow["tokens"]): number {
  return (
    factors.input * tokens.input + factors.cached * tokens.cached + factors.output * tokens.output
  );
}

/** The sum of squares of a weighted sum of tokens, from the sums of their products. */
function quadratic({ input: i, cached: c, output: o }: Factors, u: Usages): number {
  return (
    i * i * u.ii + c * c * u.cc + o * o * u.oo + 2 * (i * c * u.ic + i * o * u.io + c * o * u.co)
  );
}

function addBuckets(
  { arrivals, sums }: MeansEvidence["buckets"],
  metric: MeanMetric,
  rows: readonly EvidenceRow[],
): MeansEvidence["buckets"] {
  const factors = factorsOf(metric, "stable");
  const stable = rows.filter(({ arm }) => arm === "stable");
  if (factors === null || stable.length === 0) return { arrivals, sums };
  const next = { arrivals: arrivals.slice(), sums: sums.slice() };
  for (const { buckets } of stable) {
    const { input, cached, output } = buckets.tokens;
    for (let b = 0; b < KEY_BUCKETS; b++) {
      const tokens = { input: input[b] ?? 0, cached: cached[b] ?? 0, output: output[b] ?? 0 };
      next.arrivals[b] = (next.arrivals[b] ?? 0) + (buckets.arrivals[b] ?? 0);
      next.sums[b] = (next.sums[b] ?? 0) + linear(factors, tokens);
    }
  }
  return next;
}

function varianceOf({ n, sum, squares }: Moments): number {
  return n < 2 ? 0 : Math.max(0, (squares - (sum * sum) / n) / (n - 1));
}

/** How much more users differ than their requests do: what the variance of a mean is multiplied with. */
export function temperOfMeans({ buckets, stable }: MeansEvidence): number {
  return meanDispersion(buckets, varianceOf(stable));
}

export type Distance = { readonly z: number; readonly n: number };

/**
 * The difference of means under "the ratio is so much" in its standard errors, and the observations behind it; null where
 * there are too few of them.
 */
export function distanceOf(
  means: MeansEvidence,
  comparison: SequentialGuard["comparison"],
): (ratio: number) => Distance | null {
  const { candidate, stable, weighted, spread, weight } = means;
  const isLimit = comparison.kind === "limit";
  if (candidate.n < OBSERVED_MIN || (!isLimit && stable.n < OBSERVED_MIN)) return () => null;
  const temper = temperOfMeans(means);
  const own = spread.candidate * varianceOf(candidate);
  if (isLimit) {
    const error = Math.sqrt(temper * own);
    return (ratio) => {
      const difference = weighted.candidate - weight * comparison.max * ratio;
      return error === 0 ? null : { z: difference / error, n: candidate.n };
    };
  }
  const variance = varianceOf(stable);
  return (ratio) => {
    const error = Math.sqrt(temper * (own + ratio ** 2 * spread.stable * variance));
    const difference = weighted.candidate - ratio * weighted.stable;
    return error === 0 ? null : { z: difference / error, n: candidate.n + stable.n };
  };
}

/** Null for no observation. */
export function meanOf({ n, sum }: Moments): number | null {
  return n === 0 ? null : sum / n;
}
