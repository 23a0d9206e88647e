// Schedules of load tests: when each request is due and how long it is, all of it made before the first one is sent, so
// that nothing a server does can change what it is asked.

import { exponential, logNormal, type Random } from "../random.ts";
import type { DueShot } from "./shot.ts";

/** A recorded or a drawn request: how long it is, and when it came. */
export type TracedRequest = {
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly blocks: readonly number[];
};

/** How long requests are: log-normal, or as recorded. */
export type Lengths =
  | {
      readonly kind: "drawn";
      /** Medians. */
      readonly promptTokens: number;
      readonly outputTokens: number;
      /** Standard deviation of the logarithm of both. */
      readonly spread: number;
    }
  | { readonly kind: "recorded"; readonly requests: readonly TracedRequest[] };

/** `trace`: gaps as recorded, in less or more time. Otherwise Poisson. */
export type Pattern =
  | { readonly kind: "poisson" }
  | { readonly kind: "trace"; readonly requests: readonly TracedRequest[] };

export type TestStep = {
  /** Of the load that is asked about. */
  readonly multiple: number;
  /** Requests a second, over all replicas. */
  readonly perSecond: number;
  readonly startMs: number;
  /** What is due before this is not counted: queues fill, caches warm. */
  readonly countFromMs: number;
  readonly endMs: number;
};

/** A step's first part. */
const DROPPED = 0.2;

export function stepsOf(
  multiples: readonly number[],
  perSecond: number,
  stepMs: number,
): readonly TestStep[] {
  return multiples.map((multiple, index) => ({
    multiple,
    perSecond: multiple * perSecond,
    startMs: index * stepMs,
    countFromMs: (index + DROPPED) * stepMs,
    endMs: (index + 1) * stepMs,
  }));
}

/** Ordered by when they are due. */
export function scheduleOf(
  steps: readonly TestStep[],
  lengths: Lengths,
  pattern: Pattern,
  random: Random,
): readonly DueShot[] {
  let recorded = 0;
  return steps.flatMap((step, index) =>
    timesOf(step, pattern, recorded, random).map((dueMs): DueShot => {
      const work = workOf(lengths, recorded++, random);
      return { step: index, dueMs, ...work };
    }),
  );
}

function timesOf(
  step: TestStep,
  pattern: Pattern,
  from: number,
  random: Random,
): readonly number[] {
  if (step.perSecond <= 0) return [];
  return pattern.kind === "poisson"
    ? poissonTimes(step, random)
    : tracedTimes(step, pattern.requests, from);
}

function poissonTimes({ perSecond, startMs, endMs }: TestStep, random: Random): readonly number[] {
  const times: number[] = [];
  const gapMs = 1_000 / perSecond;
  let atMs = startMs + exponential(random, gapMs);
  while (atMs < endMs) {
    times.push(atMs);
    atMs += exponential(random, gapMs);
  }
  return times;
}

/** As many requests of the trace as the step's rate makes of its length, their gaps stretched to fill it. */
function tracedTimes(
  { perSecond, startMs, endMs }: TestStep,
  requests: readonly TracedRequest[],
  from: number,
): readonly number[] {
  const wanted = Math.round(((endMs - startMs) / 1_000) * perSecond);
  const gapsMs = Array.from({ length: wanted }, (_, i) => gapMsAt(requests, from + i));
  const sumMs = gapsMs.reduce((sum, gap) => sum + gap, 0);
  // What came all at once is spread evenly.
  const stretch = sumMs > 0 ? (endMs - startMs) / sumMs : 0;
  let atMs = startMs;
  return gapsMs.map((gapMs, i) => {
    const dueMs = sumMs > 0 ? atMs : startMs + (i * (endMs - startMs)) / wanted;
    atMs += gapMs * stretch;
    return dueMs;
  });
}

/** From one request to the next; at its end the trace begins again after a mean gap. */
function gapMsAt(requests: readonly TracedRequest[], place: number): number {
  const at = place % requests.length;
  const here = requests[at]?.atMs ?? 0;
  const next = requests[at + 1]?.atMs;
  if (next !== undefined) return next - here;
  return (here - (requests[0]?.atMs ?? 0)) / Math.max(1, requests.length - 1);
}

const LONGEST = 16;

function workOf(
  lengths: Lengths,
  place: number,
  random: Random,
): Pick<DueShot, "promptTokens" | "outputTokens" | "blocks"> {
  if (lengths.kind === "drawn") {
    const { promptTokens, outputTokens, spread } = lengths;
    return {
      promptTokens: drawn(promptTokens, spread, random),
      outputTokens: drawn(outputTokens, spread, random),
      blocks: [],
    };
  }
  const { promptTokens, outputTokens, blocks } =
    lengths.requests[place % lengths.requests.length] ?? NOTHING;
  return { promptTokens, outputTokens, blocks };
}

const NOTHING = { promptTokens: 1, outputTokens: 1, blocks: [] } as const;

function drawn(median: number, spread: number, random: Random): number {
  const tokens = Math.round(logNormal(random, median, spread));
  return Math.max(1, Math.min(Math.ceil(LONGEST * median), tokens));
}

/** As many at once as may be, for so long: what the full step is made of. All of it is due at its beginning. */
export function fullSchedule(
  requests: number,
  step: number,
  startMs: number,
  lengths: Lengths,
  random: Random,
): readonly DueShot[] {
  return Array.from({ length: requests }, (_, i) => ({
    step,
    dueMs: startMs,
    ...workOf(lengths, i, random),
  }));
}
