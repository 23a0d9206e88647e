// Long inputs: prompts that the candidate does not take, seen by which ones it answers and stable does not lack, or that
// take it longer than they take stable. What failed has no length in the evidence, so it is told from what is missing.

import type { Sample } from "../../evidence/row.ts";
import { counted, percentText } from "../../quantity.ts";
import {
  type CauseGroup,
  concentrationOf,
  GROUP_HEAD,
  groupRows,
  rounded,
} from "./concentration.ts";
import type { SampleSet } from "./counts.ts";
import { type CauseFacts, type CauseTest, OF_LABELS } from "./facts.ts";
import { shareOf } from "./harm.ts";
import { type CauseFinding, clipped, tested, untested } from "./hypothesis.ts";
import { segmentGroups } from "./segment.ts";

const SAMPLES_MIN = 200;
const ANSWERED_MIN = 20;
const BANDS = 5;

export const inputLength: CauseTest = (facts) => {
  const { counts, harm } = facts;
  if (harm.family === "labels") return untested("input-length", OF_LABELS);
  const findings = [judgedLengths(facts), missingLengths(facts), slowLengths(facts)].filter(
    (one) => one !== null,
  );
  const best = findings.toSorted((a, b) => scoreOf(b) - scoreOf(a))[0];
  const { stable, candidate } = counts.samples;
  return (
    best ??
    untested(
      "input-length",
      `${counted(candidate.kept.length, "sample")} of the candidate's requests and ${stable.kept.length.toLocaleString("en-US")} of stable's are too few`,
    )
  );
};

function scoreOf(finding: CauseFinding): number {
  return finding.kind === "tested" ? finding.score : 0;
}

/** Where segments are lengths, the harm of each is counted. */
function judgedLengths({ counts, harm }: CauseFacts): CauseFinding | null {
  const { dimension } = counts.ask;
  if (dimension?.isLength !== true) return null;
  const { groups } = segmentGroups(
    counts,
    harm.kinds.map(({ kind }) => kind),
    dimension.name,
  );
  return gathered(groups, 1, "with inputs of");
}

function gathered(groups: readonly CauseGroup[], part: number, what: string): CauseFinding | null {
  const found = concentrationOf(groups);
  if (found === null) return null;
  const { group, share, traffic, fit } = found;
  return tested("input-length", {
    share: share * part,
    fit,
    text: `${percentText(share * part)} of the harm is ${what} ${group.name}, ${percentText(traffic)} of the requests`,
    data: { head: GROUP_HEAD, rows: groupRows(groups) },
  });
}

/**
 * Refused or failing: were it the longest inputs that fail, as many as fail, the candidate would answer none that long.
 * How likely it is that it answers as few by chance, says whether it is that.
 */
function missingLengths({ counts, harm }: CauseFacts): CauseFinding | null {
  const [own, usual] = [lengthsOf(counts.samples.candidate), lengthsOf(counts.samples.stable)];
  const failing = harm.kinds.filter(({ kind }) => FAILING.includes(kind));
  const n = Math.max(0, ...failing.map(({ candidate }) => candidate.n));
  if (own.length < ANSWERED_MIN || usual.length < SAMPLES_MIN || n === 0) return null;
  const rate = failing.reduce((sum, { excess }) => sum + excess, 0) / n;
  const isRefusal = failing.some(({ kind }) => kind === "incompatible");
  const likelihoods = RATES.map((part) => {
    const limit = usual[Math.floor((1 - rate * part) * (usual.length - 1))] ?? 0;
    const longer = own.filter((tokens) => tokens >= limit).length;
    return longer > 0 ? 0 : (1 - rate * part) ** -own.length / RATES.length;
  });
  const odds = likelihoods.reduce((sum, one) => sum + one) * (isRefusal ? 1 : OTHERWISE);
  const longest = own.at(-1) ?? 0;
  const missing = usual.filter((tokens) => tokens > longest).length / usual.length;
  return tested("input-length", {
    share: shareOf(harm, FAILING),
    fit: odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds),
    text: `the longest input of ${counted(own.length, "answer")} of the candidate's has ${Math.round(longest).toLocaleString("en-US")} tokens; ${percentText(missing)} of stable's are longer, and ${percentText(rate)} of the candidate's requests fail`,
    data: {
      head: ["tokens in, quantile", "candidate", "stable"],
      rows: [0.5, 0.9, 0.95, 0.99, 1].map((q) => [q, atQuantile(own, q), atQuantile(usual, q)]),
    },
  });
}

/** Beforehand: what is too long is answered with a 4xx mostly, and seldom fails in another way. */
const OTHERWISE = 0.02;

/** The part of the failures' rate that is length's, which is not known: as likely one as another. */
const RATES = [0.3, 0.5, 0.75, 1] as const;

const FAILING: readonly string[] = [
  "incompatible",
  "server_error",
  "invalid",
  "truncated",
  "connect",
  "timeout",
  "overdue",
  "stream_error",
];

function lengthsOf({ kept }: SampleSet): readonly number[] {
  return kept.map(({ inputTokens }) => inputTokens).sort((a, b) => a - b);
}

function atQuantile(sorted: readonly number[], q: number): number {
  return rounded(sorted[Math.floor(q * (sorted.length - 1))] ?? 0);
}

/** Slow: in bands of input length that are as full as each other on stable. */
function slowLengths({ counts, harm }: CauseFacts): CauseFinding | null {
  const { ask, samples } = counts;
  const { slowerThanMs } = ask;
  const [own, usual] = [samples.candidate.kept, samples.stable.kept];
  if (slowerThanMs === null || ask.time === "tpot") return null;
  if (own.length < SAMPLES_MIN || usual.length < SAMPLES_MIN) return null;
  const took = (one: Sample): number => (ask.time === "ttft" ? one.ttftMs : one.totalMs);
  const sorted = lengthsOf(samples.stable);
  const ends = Array.from({ length: BANDS }, (_, band) =>
    band === BANDS - 1 ? Number.POSITIVE_INFINITY : atQuantile(sorted, (band + 1) / BANDS),
  );
  const groups = ends.map((end, band): CauseGroup => {
    const from = ends[band - 1] ?? 0;
    const inBand = ({ inputTokens }: Sample): boolean => inputTokens > from && inputTokens <= end;
    const [mine, theirs] = [own.filter(inBand), usual.filter(inBand)];
    const slow = (all: readonly Sample[]): number =>
      all.filter((one) => took(one) > slowerThanMs).length;
    const rate = slow(theirs) / Math.max(1, theirs.length);
    const name =
      end === Number.POSITIVE_INFINITY
        ? `over ${Math.round(from)} tokens`
        : `up to ${Math.round(end)} tokens`;
    return { name, n: mine.length, bad: slow(mine), expected: mine.length * rate };
  });
  const found = gathered(groups, clipped(shareOf(harm, ["slow"])), "in slow answers to inputs of");
  if (found === null || found.kind === "untested") return found;
  const [short, long] = [
    slowedIn(own, usual, took, 0, ends[0] ?? 0),
    slowedIn(own, usual, took, ends[BANDS - 2] ?? 0, Number.POSITIVE_INFINITY),
  ];
  return { ...found, score: found.score * clipped((long - short) / Math.max(long, 1e-9)) };
}

/**
 * How much longer than stable's the answers to inputs of such lengths took, in octaves. In any slower engine it is the
 * longest that pass a limit; only where they are slowed more than the others is length the cause.
 */
function slowedIn(
  own: readonly Sample[],
  usual: readonly Sample[],
  took: (one: Sample) => number,
  from: number,
  to: number,
): number {
  const mean = (all: readonly Sample[]): number => {
    const inside = all.filter(({ inputTokens }) => inputTokens > from && inputTokens <= to);
    return (
      inside.reduce((sum, one) => sum + Math.log2(Math.max(1, took(one))), 0) /
      Math.max(1, inside.length)
    );
  };
  return mean(own) - mean(usual);
}
