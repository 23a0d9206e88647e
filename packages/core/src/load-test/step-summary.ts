// What one step of a load test came to: of all that was offered, and not only of what was answered.

import { type QuantileInterval, quantileInterval } from "../statistics/quantile-interval.ts";
import { type ShareInterval, wilson } from "../statistics/wilson.ts";
import { GENERATOR_SHARE_MAX, generatorShare } from "./generator-share.ts";
import type { LatencyLimits } from "./latency-limits.ts";
import type { TestStep } from "./schedule.ts";
import { type Shot, type ShotFailure, totalMsOf, tpotMsOf, ttftMsOf } from "./shot.ts";

/** P99 with its interval, and the median. Null where there is nothing to take them of. */
export type Latency = { readonly p99: QuantileInterval; readonly p50Ms: number } | null;

export type StepSummary = {
  readonly step: TestStep;
  /** Requests that were due in the part that counts. */
  readonly offered: number;
  readonly failed: ShareInterval | null;
  readonly failures: { readonly [failure in ShotFailure]?: number };
  readonly total: Latency;
  readonly ttft: Latency;
  readonly tpot: Latency;
  /** Of what was offered: answered, and within every limit. */
  readonly goodput: ShareInterval | null;
  /** The longest gaps between two pieces of an answer, P99 over answers; null without streamed answers. */
  readonly stallP99Ms: number | null;
  /** How late the generator sent: P99. */
  readonly lagP99Ms: number;
  /** Of a P99 that is judged, what may be the generator's own: late in sending, late in reading. */
  readonly generatorShare: number;
  /** Answers that came in the part that counts, over requests that were due in it. */
  readonly keptUp: number | null;
  /** Pieces over tokens; far below 1, gaps between pieces are no times per token. Null where nobody counted. */
  readonly chunksPerToken: number | null;
  readonly tokens: { readonly input: number; readonly cached: number; readonly output: number };
  /** Answers with a count of tokens. */
  readonly counted: number;
};

const P99 = 0.99;
/** One-sided: 5% below the interval, 5% above. */
export const TAIL = 0.05;
const Z = 1.644_854;

/** `shots`: all of the test. */
export function stepSummary(
  step: TestStep,
  index: number,
  shots: readonly Shot[],
  limits: LatencyLimits,
): StepSummary {
  const own = shots.filter((shot) => shot.step === index && shot.dueMs >= step.countFromMs);
  const share = (bad: (shot: Shot) => boolean): ShareInterval | null =>
    own.length === 0 ? null : wilson(own.length, own.filter(bad).length, Z);
  const tokens = tokensOf(own);
  return {
    step,
    offered: own.length,
    failed: share(({ failure }) => failure !== null),
    failures: failuresOf(own),
    total: latencyOf(own.map(totalMsOf)),
    ttft: latencyOf(own.filter(isStreamed).map(ttftMsOf)),
    tpot: latencyOf(own.map(tpotMsOf).filter((value) => value !== null)),
    goodput: share((shot) => isGood(shot, limits)),
    stallP99Ms: p99Of(own.filter(({ chunks }) => chunks > 1).map(({ stallMs }) => stallMs)),
    lagP99Ms: p99Of(own.map(({ lagMs }) => lagMs)) ?? 0,
    generatorShare: generatorShare(own, limits),
    keptUp: own.length === 0 ? null : endedWithin(step, shots) / own.length,
    chunksPerToken: chunksPerToken(own),
    ...tokens,
  };
}

/** A failure has no first token: it counts as one that never came. */
function isStreamed({ chunks, failure }: Shot): boolean {
  return chunks > 0 || failure !== null;
}

function isGood(shot: Shot, { totalMsMax, ttftMsMax, tpotMsMax }: LatencyLimits): boolean {
  if (shot.failure !== null) return false;
  const within = (value: number | null, max: number | null): boolean =>
    max === null || value === null || value <= max;
  return (
    within(totalMsOf(shot), totalMsMax) &&
    within(shot.chunks > 0 ? ttftMsOf(shot) : null, ttftMsMax) &&
    within(tpotMsOf(shot), tpotMsMax)
  );
}

function failuresOf(shots: readonly Shot[]): StepSummary["failures"] {
  const counts: { [failure in ShotFailure]?: number } = {};
  for (const { failure } of shots) {
    if (failure !== null) counts[failure] = (counts[failure] ?? 0) + 1;
  }
  return counts;
}

function latencyOf(values: readonly number[]): Latency {
  const ascending = Float64Array.from(values).sort();
  const p99 = quantileInterval(ascending, P99, TAIL);
  if (p99 === null) return null;
  return { p99, p50Ms: ascending[(ascending.length - 1) >> 1] ?? 0 };
}

function p99Of(values: readonly number[]): number | null {
  return quantileInterval(Float64Array.from(values).sort(), P99, TAIL)?.value ?? null;
}

function endedWithin({ countFromMs, endMs }: TestStep, shots: readonly Shot[]): number {
  return shots.filter(
    ({ lastMs, failure }) =>
      failure === null && lastMs !== null && lastMs >= countFromMs && lastMs < endMs,
  ).length;
}

function tokensOf(shots: readonly Shot[]): Pick<StepSummary, "tokens" | "counted"> {
  const tokens = { input: 0, cached: 0, output: 0 };
  let counted = 0;
  for (const { usage } of shots) {
    if (usage === null) continue;
    counted++;
    tokens.input += usage.promptTokens;
    tokens.cached += usage.cachedTokens;
    tokens.output += usage.outputTokens;
  }
  return { tokens, counted };
}

function chunksPerToken(shots: readonly Shot[]): number | null {
  let [chunks, tokens] = [0, 0];
  for (const { usage, chunks: own } of shots) {
    if (usage === null || own === 0) continue;
    chunks += own;
    tokens += usage.outputTokens;
  }
  return tokens === 0 ? null : chunks / tokens;
}

/** Whether a step says more about the generator than about the server. `lagMsMax`: the latest that it may send at P99. */
export function isVoid(
  { lagP99Ms, generatorShare: share }: Pick<StepSummary, "lagP99Ms" | "generatorShare">,
  lagMsMax: number,
): boolean {
  return lagP99Ms > lagMsMax || share > GENERATOR_SHARE_MAX;
}
