// Long inputs: prompts that the candidate does not take, seen by the sizes of those that it answers and of those that
// fail, or that take it longer than they take stable. Sizes are the gateway's estimates: nobody counts a failure's tokens.

import type { Sample } from "../../evidence/row.ts";
import { counted, percentText } from "../../quantity.ts";
import { logMean } from "../../statistics/log-space.ts";
import {
  type CauseGroup,
  concentrationOf,
  GROUP_HEAD,
  groupRows,
  rounded,
} from "./concentration.ts";
import { type CauseFacts, type CauseTest, OF_LABELS } from "./facts.ts";
import { shareOf } from "./harm.ts";
import { type CauseFinding, clipped, tested, untested } from "./hypothesis.ts";
import type { HarmKind } from "./reference.ts";
import { segmentGroups } from "./segment.ts";

const SAMPLES_MIN = 200;
/** Sizes of the candidate's requests, and of stable's, without which no limit can be told. */
const KNOWN_MIN = 20;
const USUAL_MIN = 50;
const BANDS = 5;

export const inputLength: CauseTest = (facts) => {
  const { counts, harm } = facts;
  if (harm.family === "labels") return untested("input-length", OF_LABELS);
  const findings = [
    judgedLengths(facts),
    takenLengths(facts, FAILING),
    takenLengths(facts, ["incompatible"]),
    slowLengths(facts),
  ].filter((one) => one !== null);
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
 * Refused or failing: a limit over which all fail, and failures at whatever length, are held against the lengths of those
 * that were answered and of those that failed.
 */
function takenLengths(
  { counts, harm }: CauseFacts,
  among: readonly HarmKind[],
): CauseFinding | null {
  const { samples, failed } = counts;
  const [own, usual] = [sizesOf(samples.candidate.kept), sizesOf(samples.stable.kept)];
  const kinds = harm.kinds.filter(({ kind }) => among.includes(kind));
  const names = kinds.map(({ kind }) => kind);
  const not = sizesOf(failed.kept.filter(({ outcome }) => names.includes(outcome)));
  const n = Math.max(0, ...kinds.map(({ candidate }) => candidate.n));
  const known = own.length + not.length;
  if (known < KNOWN_MIN || usual.length < USUAL_MIN || n === 0) return null;
  const rate = kinds.reduce((sum, { excess }) => sum + excess, 0) / n;
  const bad = kinds.reduce((sum, { candidate }) => sum + candidate.bad, 0);
  const sizes = { own, not, usual, others: clipped(1 - (rate * n) / Math.max(1, bad)) };
  const logOdds =
    logMean(RATES.map((part) => logLikelihoodOf(sizes, Math.min(TAIL_MAX, rate * part)))) +
    Math.log(names.includes("incompatible") ? 1 : OTHERWISE);
  const longest = own.at(-1) ?? 0;
  const over = not.filter((tokens) => tokens > longest).length;
  const missing = usual.filter((tokens) => tokens > longest).length / usual.length;
  return tested("input-length", {
    share: shareOf(harm, among),
    fit: 1 / (1 + Math.exp(-logOdds)),
    text: `the longest input of ${counted(own.length, "answer")} of the candidate's has about ${Math.round(longest).toLocaleString("en-US")} tokens: ${over.toLocaleString("en-US")} of ${counted(not.length, "failure")} are longer, and so are ${percentText(missing)} of stable's`,
    data: {
      head: ["tokens in, quantile", "candidate, answered", "candidate, failed", "stable"],
      rows: [0, 0.5, 0.9, 0.95, 0.99, 1].map((q) => [
        q,
        ...[own, not, usual].map((sorted) => atQuantile(sorted, q)),
      ]),
    },
  });
}

type Sizes = {
  readonly own: readonly number[];
  readonly not: readonly number[];
  readonly usual: readonly number[];
  /** The part of the failures that stable has too, at any length. */
  readonly others: number;
};

/** Of a limit that so many of stable's inputs are over, against none. */
function logLikelihoodOf({ own, not, usual, others }: Sizes, tail: number): number {
  const limit = atQuantile(usual, 1 - tail);
  const isOver = (tokens: number): boolean => tokens > limit;
  const taken = own.filter(isOver).length;
  const long = not.filter(isOver).length;
  const below = Math.min(OTHERS_MAX, Math.max(OTHERS_MIN, others));
  return (
    taken * Math.log(TAKEN_ALL_THE_SAME) -
    (own.length - taken) * Math.log(1 - tail) +
    long * Math.log((1 - below) / tail + below) +
    (not.length - long) * Math.log(below)
  );
}

/** Sizes are estimates: some that are over the limit are not. */
const TAKEN_ALL_THE_SAME = 0.05;
/** Of the failures, those that are not for the limit: never quite none, and never all. */
const OTHERS_MIN = 0.02;
const OTHERS_MAX = 0.5;
/** A limit that most inputs are over is no limit. */
const TAIL_MAX = 0.5;

/** Beforehand: what is too long is answered with a 4xx mostly, and seldom fails in another way. */
const OTHERWISE = 0.02;

/** The part of the failures' rate that is length's, which is not known: as likely one as another. */
const RATES = [0.3, 0.5, 0.75, 1, 1.5] as const;

const FAILING: readonly HarmKind[] = [
  "incompatible",
  "server_error",
  "invalid",
  "truncated",
  "connect",
  "timeout",
  "overdue",
  "stream_error",
];

function sizesOf(all: readonly Pick<Sample, "estimatedTokens">[]): readonly number[] {
  return all.map(({ estimatedTokens }) => estimatedTokens).sort((a, b) => a - b);
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
  const sorted = usual.map(({ inputTokens }) => inputTokens).sort((a, b) => a - b);
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
