// The harm that causes are asked about: by kind, how many more of the candidate's requests it befell than there would have
// been, with the spread of that by chance. What users say of answers is another family: it is counted in reports.

import { SCORE_PREFIX } from "../../evidence/feedback.ts";
import {
  countedOf,
  type EvidenceRow,
  isBad,
  OUTCOMES,
  type Outcome,
  type ServingArm,
} from "../../evidence/row.ts";
import { isLabel, isOutcomeEvent } from "../../guards/guard.ts";
import { countAbove, countOf, emptyHistogram, mergeInto, quantileBin } from "../../histogram.ts";
import { type CauseCounts, type Sums, type SumsByArm, slowOf } from "./counts.ts";

/** A bad outcome, an ending that is no answer, a slow answer; or a label: a tally's name, or memory. */
export type HarmKind = string;

/** So many requests, or reports, of which so many are harmed. */
export type Tested = { readonly n: number; readonly bad: number };

export type KindHarm = {
  readonly kind: HarmKind;
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

/** Standard errors from which a kind of harm stands out, and those that suffice for the guard's own. */
const Z_MIN = 3.5;
const Z_OWN_MIN = 2.5;
const EXCESS_MIN = 3;
/** Requests that a segment of the reference needs before its own rate is taken. */
const REFERENCE_MIN = 100;

const BAD_OUTCOMES: readonly Outcome[] = OUTCOMES.filter(isBad);
export const POOR_ENDINGS = ["refused", "empty", "cut-off"] as const;

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
  return all
    .filter(
      ({ kind, z, excess }) =>
        excess >= EXCESS_MIN && z >= (own.includes(kind) ? Z_OWN_MIN : Z_MIN),
    )
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

/** How many requests of a sum say something about a kind, and how many it befell. */
function testedFor(row: EvidenceRow, kind: HarmKind, counts: Pick<CauseCounts, "ask">): Tested {
  const outcome = BAD_OUTCOMES.find((one) => one === kind);
  if (outcome !== undefined) return { n: countedOf(row), bad: row.outcomes[outcome] ?? 0 };
  const ending = POOR_ENDINGS.find((one) => one === kind);
  if (ending !== undefined) {
    const { answered = 0, refused = 0, empty = 0 } = row.endings;
    return {
      n: answered + refused + empty + (row.endings["cut-off"] ?? 0),
      bad: row.endings[ending] ?? 0,
    };
  }
  const times = row.latency[counts.ask.time];
  return { n: countOf(times) - times.over, bad: slowOf(times, counts.ask.slowerThanMs) };
}

export function testedIn(sums: Sums, kind: HarmKind, counts: Pick<CauseCounts, "ask">): Tested {
  let [n, bad] = [0, 0];
  for (const row of sums.values()) {
    const one = testedFor(row, kind, counts);
    n += one.n;
    bad += one.bad;
  }
  return { n, bad };
}

export type Expectation = { readonly expected: number; readonly variance: number };

/** What requests would have had by a reference's rate, and the variance of what they have beyond that by chance. */
export function expectationOf(own: Tested, reference: Tested): Expectation {
  if (own.n === 0 || reference.n === 0) return { expected: 0, variance: own.n === 0 ? 0 : 1 };
  const rate = reference.bad / reference.n;
  const pooled = (own.bad + reference.bad + 0.5) / (own.n + reference.n + 1);
  const spread = pooled * (1 - pooled);
  return { expected: own.n * rate, variance: spread * (own.n + own.n ** 2 / reference.n) };
}

/** Stable at the same time, segment by segment; its past where it was harmed too, or is too thin. */
export function referenceOf(counts: CauseCounts, kind: HarmKind): (segment: string) => Tested {
  const { ask, past, during } = counts;
  const sources = ask.against === "before" ? [past.stable] : [during.stable, past.stable];
  const all = sources.map((sums) => testedIn(sums, kind, counts));
  const whole = all.find(({ n }) => n >= REFERENCE_MIN) ?? { n: 0, bad: 0 };
  return (segment) => {
    for (const sums of sources) {
      const row = sums.get(segment);
      const one = row === undefined ? null : testedFor(row, kind, counts);
      if (one !== null && one.n >= REFERENCE_MIN) return one;
    }
    return whole;
  };
}

function requestHarm(counts: CauseCounts, kind: HarmKind): KindHarm {
  const { ask, during } = counts;
  const own = excessIn(during.candidate, counts, kind);
  const stable = ask.against === "before" ? excessIn(during.stable, counts, kind) : null;
  const excess = own.tested.bad - own.expected;
  const both = excess + (stable === null ? 0 : stable.tested.bad - stable.expected);
  const variance = own.variance + (stable?.variance ?? 0);
  return {
    kind,
    candidate: own.tested,
    expected: own.expected,
    excess: stable === null ? excess : Math.max(0, excess),
    z: both / Math.sqrt(Math.max(variance, 1)),
    stable: stable === null ? null : Math.max(0, stable.tested.bad - stable.expected),
  };
}

export function excessIn(
  sums: Sums,
  counts: CauseCounts,
  kind: HarmKind,
): { readonly tested: Tested; readonly expected: number; readonly variance: number } {
  const reference = referenceOf(counts, kind);
  let [n, bad, expected, variance] = [0, 0, 0, 0];
  for (const [segment, row] of sums) {
    const own = testedFor(row, kind, counts);
    const usual = expectationOf(own, reference(segment));
    n += own.n;
    bad += own.bad;
    expected += usual.expected;
    variance += usual.variance;
  }
  return { tested: { n, bad }, expected, variance };
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
    .map(({ kind, candidate, expected, excess }) => [
      kind,
      candidate.n,
      candidate.bad,
      Math.round(expected),
      Math.round(excess),
    ]);
}

export const KIND_HEAD: readonly string[] = ["kind", "counted", "harmed", "expected", "beyond"];
