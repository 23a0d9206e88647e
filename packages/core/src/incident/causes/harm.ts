// The harm that causes are asked about: by kind, how many more of the candidate's requests it befell than there would have
// been, with the spread of that by chance. What users say of answers is another family: it is counted in reports.

import { SCORE_PREFIX } from "../../evidence/feedback.ts";
import type { ServingArm } from "../../evidence/row.ts";
import { isLabel, isOutcomeEvent } from "../../guards/guard.ts";
import { countAbove, countOf, emptyHistogram, mergeInto, quantileBin } from "../../histogram.ts";
import type { CauseCounts, Sums, SumsByArm } from "./counts.ts";
import {
  BAD_OUTCOMES,
  excessIn,
  expectationOf,
  type HarmKind,
  POOR_ENDINGS,
  type Tested,
} from "./reference.ts";

export type KindHarm = {
  readonly kind: HarmKind;
  /** The one segment in which it is counted, since a guard found it there; null for all. */
  readonly segment: string | null;
  readonly candidate: Tested;
  /** What the candidate would have had by its reference's rates. */
  readonly expected: number;
  readonly excess: number;
  /** In standard errors. */
  readonly z: number;
  /** On stable, beyond its own past; null where the harm is held against stable. */
  readonly stable: number | null;
};

export type Harm = {
  readonly family: "requests" | "labels";
  /** Excess of all kinds that stand out; 0 where none does. */
  readonly total: number;
  /** Those that stand out, the gravest first. */
  readonly kinds: readonly KindHarm[];
};

/**
 * Standard errors from which a kind of harm stands out; which suffice for the guard's own, that it has found already; and
 * which others need beside those.
 */
const Z_MIN = 3.5;
const Z_OWN_MIN = 2;
const Z_BESIDE_MIN = 5;
const EXCESS_MIN = 3;
const EXCESS_OWN_MIN = 1;

export const SLOW = "slow";
export const MEMORY = "memory";
const REQUEST_KINDS: readonly HarmKind[] = [...BAD_OUTCOMES, ...POOR_ENDINGS, SLOW];

export function harmOf(counts: CauseCounts): Harm {
  const requests = standOut(
    REQUEST_KINDS.map((kind) => requestHarm(counts, kind)),
    ownKinds(counts),
  );
  const own = ownLabel(counts);
  const labels = standOut(labelHarms(counts), own === null ? [] : [own]);
  const isOfLabels = ownLabel(counts) !== null;
  const [first, second] = isOfLabels ? [labels, requests] : [requests, labels];
  const kinds = first.length > 0 ? first : second;
  const family = (kinds === labels && kinds.length > 0) || (kinds.length === 0 && isOfLabels);
  return {
    family: family ? "labels" : "requests",
    total: kinds.reduce((sum, { excess, stable }) => sum + excess + (stable ?? 0), 0),
    kinds,
  };
}

function standOut(all: readonly KindHarm[], own: readonly HarmKind[]): readonly KindHarm[] {
  const isOwn = ({ kind, z, excess }: KindHarm): boolean =>
    own.includes(kind) && excess >= EXCESS_OWN_MIN && z >= Z_OWN_MIN;
  const othersMin = all.some(isOwn) ? Z_BESIDE_MIN : Z_MIN;
  return all
    .filter((one) => isOwn(one) || (one.excess >= EXCESS_MIN && one.z >= othersMin))
    .sort((a, b) => b.excess - a.excess);
}

/** Kinds of requests that the guard looks at which opened the incident: it has found more of them already. */
function ownKinds({ ask: { metric } }: CauseCounts): readonly HarmKind[] {
  if (metric === null || metric === "client-memory") return [];
  if (metric.kind === "latency") return [SLOW];
  return metric.kind === "events" && isOutcomeEvent(metric.event) ? BAD_OUTCOMES : [];
}

/** The label that the guard looks at which opened the incident. */
function ownLabel({ ask: { metric } }: CauseCounts): HarmKind | null {
  if (metric === null) return null;
  if (metric === "client-memory") return MEMORY;
  if (!isLabel(metric)) return null;
  if (metric.kind === "memory") return MEMORY;
  if (metric.kind === "score") return `${SCORE_PREFIX}${metric.score}`;
  return metric.kind === "events" ? metric.event : null;
}

/** In the one segment where a guard found it, unless it shows more in all. */
function requestHarm(counts: CauseCounts, kind: HarmKind): KindHarm {
  const all = harmIn(counts, counts.during, kind);
  const { segment } = counts.ask;
  if (segment === null) return all;
  const one = harmIn(counts, withinSegment(counts.during, segment), kind);
  return one.z > all.z ? { ...one, segment } : all;
}

function withinSegment({ stable, candidate }: SumsByArm, segment: string): SumsByArm {
  const only = (sums: Sums): Sums => new Map([...sums].filter(([name]) => name === segment));
  return { stable: only(stable), candidate: only(candidate) };
}

function harmIn(counts: CauseCounts, during: SumsByArm, kind: HarmKind): KindHarm {
  const { ask } = counts;
  const own = excessIn(during.candidate, counts, kind);
  const stable = ask.against === "before" ? excessIn(during.stable, counts, kind) : null;
  const excess = own.tested.bad - own.expected;
  const both = excess + (stable === null ? 0 : stable.tested.bad - stable.expected);
  const variance = own.variance + (stable?.variance ?? 0);
  return {
    kind,
    segment: null,
    candidate: own.tested,
    expected: own.expected,
    excess: stable === null ? excess : Math.max(0, excess),
    z: both / Math.sqrt(Math.max(variance, 1)),
    stable: stable === null ? null : Math.max(0, stable.tested.bad - stable.expected),
  };
}

/** What is heard comes late, and is of all the time that the candidate had users. */
function labelsOf({ past, during }: Pick<CauseCounts, "past" | "during">): ArmLabels {
  return {
    stable: labelsIn([past, during], "stable"),
    candidate: labelsIn([past, during], "candidate"),
  };
}

type Labels = {
  readonly tallies: ReadonlyMap<string, Tested>;
  readonly memory: ReturnType<typeof emptyHistogram>;
};
type ArmLabels = { readonly [arm in ServingArm]: Labels };

function labelsIn(times: readonly SumsByArm[], arm: ServingArm): Labels {
  const tallies = new Map<string, Tested>();
  const memory = emptyHistogram();
  for (const row of times.flatMap((sums) => [...sums[arm].values()])) {
    if (row.feedback === null) continue;
    mergeInto(memory, row.feedback.health.memory);
    for (const [name, { n, bad }] of Object.entries(row.feedback.tallies)) {
      const known = tallies.get(name) ?? { n: 0, bad: 0 };
      tallies.set(name, { n: known.n + n, bad: known.bad + bad });
    }
  }
  return { tallies, memory };
}

/** A report of memory is bad above what 95 of 100 of stable's are below. */
const MEMORY_QUANTILE = 0.95;

function labelHarms(counts: CauseCounts): readonly KindHarm[] {
  const { stable, candidate } = labelsOf(counts);
  const tallies = [...candidate.tallies].map(([kind, own]) =>
    labelHarm(kind, own, stable.tallies.get(kind) ?? { n: 0, bad: 0 }),
  );
  const limit = quantileBin(stable.memory, MEMORY_QUANTILE);
  if (limit === null) return tallies;
  const [own, usual] = [candidate.memory, stable.memory].map((memory) => ({
    n: countOf(memory),
    bad: countAbove(memory, limit),
  }));
  if (own === undefined || usual === undefined) return tallies;
  return [...tallies, labelHarm(MEMORY, own, usual)];
}

function labelHarm(kind: HarmKind, own: Tested, usual: Tested): KindHarm {
  const { expected, variance } = expectationOf(own, usual);
  const excess = own.bad - expected;
  return {
    kind,
    segment: null,
    candidate: own,
    expected,
    excess,
    z: usual.n === 0 ? 0 : excess / Math.sqrt(Math.max(variance, 1)),
    stable: null,
  };
}

/** The part of the harm that is of these kinds. */
export function shareOf(harm: Harm, kinds: readonly HarmKind[]): number {
  const own = harm.kinds.filter(({ kind }) => kinds.includes(kind));
  return (
    own.reduce((sum, { excess, stable }) => sum + excess + (stable ?? 0), 0) /
    Math.max(harm.total, 1)
  );
}

/** Of these kinds, a row each: what the candidate had, and what it would have had. */
export function kindRows(harm: Harm, kinds: readonly HarmKind[]): readonly (string | number)[][] {
  return harm.kinds
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, segment, candidate, expected, excess }) => [
      segment === null ? kind : `${kind} in ${segment}`,
      candidate.n,
      candidate.bad,
      Math.round(expected),
      Math.round(excess),
    ]);
}

export const KIND_HEAD: readonly string[] = ["kind", "counted", "harmed", "expected", "beyond"];
