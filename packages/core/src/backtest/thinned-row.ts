// Evidence of a row as it would have been with fewer of its requests: each kept by a chance of its own. Evidence is
// only ever made less; what a larger share would have shown, nobody knows.

import type { Counted, Feedback, Tally } from "../evidence/feedback.ts";
import { type Buckets, type EvidenceRow, isBad, OUTCOMES, type Outcome } from "../evidence/row.ts";
import type { Random } from "../random.ts";
import { binomial } from "../statistics/binomial.ts";

/** `keep`: the chance of each request, in [0, 1]. Counts are drawn, sums follow within their own chance. */
export function thinnedRow(row: EvidenceRow, keep: number, random: Random): EvidenceRow {
  if (keep >= 1) return row;
  const { samples, failed, users, usage, tokens, feedback, ...more } = row;
  const { rolloutId, table, tick, arm, via, segment, ...counts } = more;
  const thinned = thinnedTree(counts, keep, random) as typeof counts;
  const outcomes: { [O in Outcome]?: number } = {};
  for (const outcome of OUTCOMES) {
    const count = row.outcomes[outcome];
    if (count !== undefined) outcomes[outcome] = binomial(random, count, keep);
  }
  const judged = OUTCOMES.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
  const bad = OUTCOMES.reduce((sum, o) => sum + (isBad(o) ? (outcomes[o] ?? 0) : 0), 0);
  const answers = binomial(random, usage.n, keep);
  const ofAnswers = shareOf(answers, usage.n);
  return {
    ...thinned,
    ...{ rolloutId, table, tick, arm, via, segment, outcomes, judged },
    arrivals: judged + binomial(random, row.arrivals - row.judged, keep),
    spared: Math.min(bad, thinned.spared),
    usage: { ...scaled(usage, ofAnswers), n: answers },
    tokens: scaled(tokens, ofAnswers),
    buckets: { ...thinned.buckets, tokens: tokensOf(row.buckets, thinned.buckets) },
    feedback: feedback === null ? null : thinnedFeedback(feedback, keep, random),
    // Users are not counted one by one: who they would have been cannot be told from what is stored.
    users,
    samples: samples.filter(() => random.next() < keep),
    failed: failed.filter(() => random.next() < keep),
  };
}

/**
 * Sums over requests keep their mean: drawn apart from how many there are, they would scatter with that, and a test of
 * means would take it for a difference.
 */
function scaled<Sums extends { readonly [name: string]: number }>(sums: Sums, share: number): Sums {
  return Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => [name, Math.round(sum * share)]),
  ) as Sums;
}

function shareOf(kept: number, of: number): number {
  return of === 0 ? 0 : kept / of;
}

function tokensOf({ arrivals, tokens }: Buckets, kept: Buckets): Buckets["tokens"] {
  const own = (sums: readonly number[]): number[] =>
    sums.map((sum, bucket) =>
      Math.round(sum * shareOf(kept.arrivals[bucket] ?? 0, arrivals[bucket] ?? 0)),
    );
  return { input: own(tokens.input), cached: own(tokens.cached), output: own(tokens.output) };
}

function thinnedFeedback(feedback: Feedback, keep: number, random: Random): Feedback {
  const { tallies, ...counts } = feedback;
  return {
    ...(thinnedTree(counts, keep, random) as typeof counts),
    tallies: Object.fromEntries(
      Object.entries(tallies).map(([name, tally]) => [name, thinnedTally(tally, keep, random)]),
    ),
  };
}

/** What was said by users of a bucket, and by those without: together it is all that was said. */
function thinnedTally({ n, bad, buckets }: Tally, keep: number, random: Random): Tally {
  const known = Object.values(buckets);
  const sumOf = (all: readonly Counted[]): Counted => ({
    n: all.reduce((sum, one) => sum + one.n, 0),
    bad: all.reduce((sum, one) => sum + one.bad, 0),
  });
  const inBuckets = sumOf(known);
  const rest = thinnedCount({ n: n - inBuckets.n, bad: bad - inBuckets.bad }, keep, random);
  const kept = Object.fromEntries(
    Object.entries(buckets).map(([bucket, one]) => [bucket, thinnedCount(one, keep, random)]),
  );
  return { ...sumOf([rest, ...Object.values(kept)]), buckets: kept };
}

/** No more bad ones than there are. */
function thinnedCount({ n, bad }: Counted, keep: number, random: Random): Counted {
  const kept = binomial(random, bad, keep);
  return { n: kept + binomial(random, n - bad, keep), bad: kept };
}

type Tree = { readonly [name: string]: unknown };

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function thinnedTree(value: unknown, keep: number, random: Random): unknown {
  if (typeof value === "number") return thinnedNumber(value, keep, random);
  if (Array.isArray(value)) return value.map((item) => thinnedTree(item, keep, random));
  if (!isTree(value)) return value;
  const { arrivals, bad } = value;
  const pair =
    arrivals === undefined || bad === undefined ? {} : thinnedPair(arrivals, bad, keep, random);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      // A histogram's first bin is a place, not a count.
      name === "first" ? item : (pair[name] ?? thinnedTree(item, keep, random)),
    ]),
  );
}

function thinnedNumber(value: number, keep: number, random: Random): number {
  return Number.isInteger(value) ? binomial(random, value, keep) : value * keep;
}

/** No more bad ones than there are. Numbers, or lists of as many each. */
function thinnedPair(arrivals: unknown, bad: unknown, keep: number, random: Random): Tree {
  if (typeof arrivals === "number" && typeof bad === "number") {
    const kept = thinnedCount({ n: arrivals, bad }, keep, random);
    return { arrivals: kept.n, bad: kept.bad };
  }
  if (!Array.isArray(arrivals) || !Array.isArray(bad)) return {};
  const pairs = arrivals.map((n, i) => thinnedPair(n, bad[i] ?? 0, keep, random));
  return { arrivals: pairs.map((pair) => pair["arrivals"]), bad: pairs.map((pair) => pair["bad"]) };
}
