// Whether harm is where requests are, or gathers in one group of them: a segment, a slice, a replica. Each group alone, and
// all of them alike, are held against the counts by likelihood: of few counts nothing follows, however lopsided they are.

import { clipped } from "./hypothesis.ts";

export type CauseGroup = {
  readonly name: string;
  /** Requests that say something, those harmed, and those that would have been anyhow. */
  readonly n: number;
  readonly bad: number;
  readonly expected: number;
};

export type Concentration = {
  readonly group: CauseGroup;
  /** Its part of the harm, and of the requests. */
  readonly share: number;
  readonly traffic: number;
  readonly fit: number;
};

/** Of few counts the largest is often large by chance: with even odds one in twenty was named for it. */
const ALIKE_ODDS = 3;

/** Null where there are fewer than two groups, or no harm. `told`: the group that a guard was alarmed by alone. */
export function concentrationOf(
  groups: readonly CauseGroup[],
  told: string | null = null,
): Concentration | null {
  const n = sum(groups, (group) => group.n);
  const harm = sum(groups, excessOf);
  if (groups.length < 2 || n === 0 || harm <= 0) return null;
  const spread = logLikelihood(groups, groups);
  // Beforehand it is three times as likely that all are alike, and each group as likely as any other; but for the one that
  // a guard has told from all together, which is as likely as that.
  const weights = groups.map(
    (group) =>
      Math.exp(logLikelihood(groups, [group]) - spread) *
      (group.name === told ? ALIKE_ODDS : 1 / groups.length),
  );
  const all = ALIKE_ODDS + weights.reduce((total, weight) => total + weight, 0);
  const parts = groups.map((group, index) => {
    const weight = weights[index] ?? 0;
    return {
      group,
      share: clipped(excessOf(group) / harm),
      traffic: group.n / n,
      fit: weight === Number.POSITIVE_INFINITY ? 1 : weight / all,
    };
  });
  return parts.toSorted((a, b) => b.fit * b.share - a.fit * a.share)[0] ?? null;
}

/** Of the counts, where `harmed` groups have one rate more than expected and the others none: Poisson. */
function logLikelihood(groups: readonly CauseGroup[], harmed: readonly CauseGroup[]): number {
  const more =
    Math.max(0, sum(harmed, excessOf)) /
    Math.max(
      1,
      sum(harmed, (group) => group.n),
    );
  return sum(groups, (group) => {
    const mean = group.expected + USUAL_MIN + (harmed.includes(group) ? more * group.n : 0);
    return group.bad * Math.log(mean) - mean;
  });
}

/** Nothing is so rare that one more would prove anything. */
const USUAL_MIN = 0.5;

export function excessOf({ bad, expected }: CauseGroup): number {
  return bad - expected;
}

function sum(groups: readonly CauseGroup[], of: (group: CauseGroup) => number): number {
  return groups.reduce((all, group) => all + of(group), 0);
}

export const GROUP_HEAD: readonly string[] = [
  "group",
  "requests",
  "harmed",
  "expected",
  "of the harm",
  "of the requests",
];

/** The most harmed first, no more than so many. */
const ROWS_MAX = 20;

export function groupRows(groups: readonly CauseGroup[]): readonly (string | number)[][] {
  const n = sum(groups, (group) => group.n);
  const harm = sum(groups, excessOf);
  return groups
    .toSorted((a, b) => excessOf(b) - excessOf(a))
    .slice(0, ROWS_MAX)
    .map((group) => [
      group.name,
      group.n,
      group.bad,
      Math.round(group.expected),
      rounded(excessOf(group) / Math.max(harm, 1)),
      rounded(group.n / Math.max(n, 1)),
    ]);
}

export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
