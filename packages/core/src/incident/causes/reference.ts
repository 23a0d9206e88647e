// What requests would have met anyhow: the rates of stable at the same time, segment by segment, or of its past, with
// how far chance alone may carry the candidate from them. A thin reference makes the spread wide, and proves nothing.

import { countedOf, type EvidenceRow, isBad, OUTCOMES, type Outcome } from "../../evidence/row.ts";
import { countOf } from "../../histogram.ts";
import { type CauseCounts, type Sums, slowOf } from "./counts.ts";

/** A bad outcome, an ending that is no answer, a slow answer; or a label: a tally's name, or memory. */
export type HarmKind = string;

/** So many requests, or reports, of which so many are harmed. */
export type Tested = { readonly n: number; readonly bad: number };

/** Requests that a segment of the reference needs before its own rate is taken. */
const REFERENCE_MIN = 100;

export const BAD_OUTCOMES: readonly Outcome[] = OUTCOMES.filter(isBad);
export const POOR_ENDINGS = ["refused", "empty", "cut-off"] as const;

type Asked = Pick<CauseCounts, "ask">;

/** How many requests of a row say something about a kind, and how many it befell. */
function testedFor(row: EvidenceRow, kind: HarmKind, { ask }: Asked): Tested {
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
  const times = row.latency[ask.time];
  return { n: countOf(times) - times.over, bad: slowOf(times, ask.slowerThanMs) };
}

export function testedIn(sums: Sums, kind: HarmKind, counts: Asked): Tested {
  return [...sums.values()].reduce((sum, row) => plus(sum, testedFor(row, kind, counts)), NOTHING);
}

const NOTHING: Tested = { n: 0, bad: 0 };

function plus(a: Tested, b: Tested): Tested {
  return { n: a.n + b.n, bad: a.bad + b.bad };
}

export type Expectation = { readonly expected: number; readonly variance: number };

/**
 * What requests would have had by a reference's rate, and the variance of what they have beyond that by chance. Without a
 * reference it is not known that any is more than usual.
 */
export function expectationOf(own: Tested, reference: Tested): Expectation {
  if (own.n === 0) return { expected: 0, variance: 0 };
  if (reference.n === 0) return { expected: own.bad, variance: own.n };
  const rate = reference.bad / reference.n;
  const pooled = (own.bad + reference.bad + 0.5) / (own.n + reference.n + 1);
  const spread = pooled * (1 - pooled);
  return { expected: own.n * rate, variance: spread * (own.n + own.n ** 2 / reference.n) };
}

/** The rates of one segment; null where its own are too thin, and it is held against all of the reference. */
type Reference = {
  readonly whole: Tested;
  readonly of: (segment: string) => Tested | null;
};

/** Stable at the same time, segment by segment; its past where it was harmed too, or is too thin; all there is, at last. */
function referenceFor(counts: CauseCounts, kind: HarmKind): Reference {
  const { ask, past, during } = counts;
  const sources = ask.against === "before" ? [past.stable] : [during.stable, past.stable];
  const all = sources.map((sums) => testedIn(sums, kind, counts));
  const of = (segment: string): Tested | null => {
    for (const sums of sources) {
      const row = sums.get(segment);
      const one = row === undefined ? NOTHING : testedFor(row, kind, counts);
      if (one.n >= REFERENCE_MIN) return one;
    }
    return null;
  };
  return { whole: all.find(({ n }) => n >= REFERENCE_MIN) ?? all.reduce(plus, NOTHING), of };
}

/** The rate that a segment's requests would have had; null where there is nothing to hold them against. */
export function usualRates(
  counts: CauseCounts,
  kind: HarmKind,
): (segment: string) => number | null {
  const { whole, of } = referenceFor(counts, kind);
  return (segment) => {
    const { n, bad } = of(segment) ?? whole;
    return n === 0 ? null : bad / n;
  };
}

export type Excess = Expectation & { readonly tested: Tested };

export function excessIn(sums: Sums, counts: CauseCounts, kind: HarmKind): Excess {
  const { whole, of } = referenceFor(counts, kind);
  let [tested, shared, expected, variance] = [NOTHING, NOTHING, 0, 0];
  const add = (usual: Expectation): void => {
    expected += usual.expected;
    variance += usual.variance;
  };
  for (const [segment, row] of sums) {
    const own = testedFor(row, kind, counts);
    tested = plus(tested, own);
    const reference = of(segment);
    // Held against one reference, segments share its chance: it does not even out between them.
    if (reference === null) shared = plus(shared, own);
    else add(expectationOf(own, reference));
  }
  add(expectationOf(shared, whole));
  return { tested, expected, variance };
}
