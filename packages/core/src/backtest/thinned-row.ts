// Evidence of a row as it would have been with fewer of its requests: each kept by a chance of its own. Evidence is
// only ever made less; what a larger share would have shown, nobody knows.

import { type EvidenceRow, isBad, OUTCOMES, type Outcome } from "../evidence/row.ts";
import type { Random } from "../random.ts";
import { binomial } from "../statistics/binomial.ts";

/** `keep`: the chance of each request, in [0, 1]. Counts are drawn, sums follow within their own chance. */
export function thinnedRow(row: EvidenceRow, keep: number, random: Random): EvidenceRow {
  if (keep >= 1) return row;
  const { samples, users, rolloutId, table, tick, arm, via, segment, ...counts } = row;
  const thinned = thinnedTree(counts, keep, random) as typeof counts;
  const outcomes: { [O in Outcome]?: number } = {};
  for (const outcome of OUTCOMES) {
    const count = row.outcomes[outcome];
    if (count !== undefined) outcomes[outcome] = binomial(random, count, keep);
  }
  const judged = OUTCOMES.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
  const bad = OUTCOMES.reduce((sum, o) => sum + (isBad(o) ? (outcomes[o] ?? 0) : 0), 0);
  return {
    ...thinned,
    ...{ rolloutId, table, tick, arm, via, segment, outcomes, judged },
    arrivals: judged + binomial(random, row.arrivals - row.judged, keep),
    spared: Math.min(bad, thinned.spared),
    // Users are not counted one by one: who they would have been cannot be told from what is stored.
    users,
    samples: samples.filter(() => random.next() < keep),
  };
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
    const kept = binomial(random, bad, keep);
    return { arrivals: kept + binomial(random, arrivals - bad, keep), bad: kept };
  }
  if (!Array.isArray(arrivals) || !Array.isArray(bad)) return {};
  const pairs = arrivals.map((n, i) => thinnedPair(n, bad[i] ?? 0, keep, random));
  return { arrivals: pairs.map((pair) => pair["arrivals"]), bad: pairs.map((pair) => pair["bad"]) };
}
