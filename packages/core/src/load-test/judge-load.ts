// The load gate's verdict: whether the candidate carries the load that is asked about, by what it did at that load and
// by how far that is from the most it can do.

import { KNEE } from "../load/engine-forecast.ts";
import type { GateResult } from "../preflight/gate.ts";
import { counted, durationText, percentText } from "../quantity.ts";
import type { QuantileInterval } from "../statistics/quantile-interval.ts";
import { GENERATOR_SHARE_MAX } from "./generator-share.ts";
import type { LatencyLimits } from "./latency-limits.ts";
import { loadFigures } from "./load-figures.ts";
import { askedStep, type LoadQuestion, type LoadTest } from "./load-test.ts";
import type { Latency, StepSummary } from "./step-summary.ts";
import { isVoid } from "./step-summary.ts";

export const LOAD_AIMS = [{ metric: "total", quantile: 0.99 }] as const;

export type LoadJudgement = Pick<GateResult, "outcome" | "because" | "figures">;

export function judgeLoad(test: LoadTest): LoadJudgement {
  const { outcome, because } = decided(test);
  return { outcome, because, figures: loadFigures(test) };
}

type Decided = Pick<LoadJudgement, "outcome" | "because">;

function decided(test: LoadTest): Decided {
  return voided(test) ?? broken(test) ?? open(test) ?? passed(test);
}

/** A generator that was held up says something about itself. */
function voided({ question, steps, capacity }: LoadTest): Decided | null {
  const { lagMsMax } = question;
  const late = steps.find((step) => isVoid(step, lagMsMax));
  const heldUp = capacity?.heldUp ?? 0;
  if (late === undefined && heldUp <= GENERATOR_SHARE_MAX) return null;
  const because =
    late === undefined
      ? `with as many requests as may be, the generator itself was held up for ${percentText(heldUp)} of the time that answers took (at most ${percentText(GENERATOR_SHARE_MAX)})`
      : `at ${stepText(late)} ${lateText(late, lagMsMax)}`;
  return {
    outcome: "inconclusive",
    because: `the run is void: ${because}; give it a processor of its own`,
  };
}

/** What makes a step void. */
export function lateText(
  { lagP99Ms, generatorShare }: Pick<StepSummary, "lagP99Ms" | "generatorShare">,
  lagMsMax: number,
): string {
  return lagP99Ms > lagMsMax
    ? `the generator itself sent ${durationText(lagP99Ms)} late at P99, more than ${durationText(lagMsMax)}`
    : `${percentText(generatorShare)} of a P99 may be the generator's own, which was held up (at most ${percentText(GENERATOR_SHARE_MAX)})`;
}

function broken(test: LoadTest): Decided | null {
  const asked = askedStep(test);
  const because =
    fellBehind(test) ?? kneeBroken(test) ?? errorsBroken(test) ?? latencyBroken(test, asked);
  return because === null ? null : { outcome: "fail", because };
}

/** Up to the load that is asked about; what is above it only shows where the knee is. */
function stepsAsked({ steps }: LoadTest): readonly StepSummary[] {
  return steps.filter(({ step }) => step.multiple <= 1);
}

const BEHIND = 0.05;
const BEHIND_DEVIATIONS = 3;

/** Answers came more slowly than requests, by more than chance. Failures are counted by themselves. */
export function isBehind({ keptUp, offered, failed }: StepSummary): boolean {
  if (keptUp === null || failed === null) return false;
  const missing = 1 - failed.rate - keptUp;
  return missing > Math.max(BEHIND, BEHIND_DEVIATIONS / Math.sqrt(offered));
}

function fellBehind(test: LoadTest): string | null {
  const behind = stepsAsked(test).find(isBehind);
  if (behind === undefined) return null;
  const answered = percentText(behind.keptUp ?? 0);
  return `at ${stepText(behind)} only ${answered} of the requests were answered in the time in which they came: its knee is below that`;
}

function kneeBroken({ question, capacity }: LoadTest): string | null {
  const { perSecond, replicas } = question;
  if (capacity === null || perSecond <= KNEE * capacity.perSecond * replicas) return null;
  const each = rateText(capacity.perSecond);
  const knee = rateText(KNEE * capacity.perSecond * replicas);
  return `${counted(replicas, "replica")} of ${each} each: the knee is at ${knee}, below the ${rateText(perSecond)} that are to come`;
}

function errorsBroken(test: LoadTest): string | null {
  const { errorsMax } = test.question;
  const bad = stepsAsked(test).find(({ failed }) => (failed?.low ?? 0) > errorsMax);
  if (bad === undefined) return null;
  const share = percentText(bad.failed?.rate ?? 0);
  return `${share} of the requests failed at ${stepText(bad)} (limit ${percentText(errorsMax)}): ${failuresText(bad)}`;
}

function failuresText({ failures }: StepSummary): string {
  return Object.entries(failures)
    .map(([failure, count]) => `${count} ${failure}`)
    .join(", ");
}

type Held = {
  readonly name: string;
  readonly p99: QuantileInterval;
  readonly limitMs: number;
};

/** The latencies that have a limit, and were measured. */
function heldLatencies({ limits }: LoadQuestion, step: StepSummary): readonly Held[] {
  return latenciesOf(step, limits).flatMap(({ name, latency, limitMs }) =>
    latency === null || limitMs === null ? [] : [{ name, p99: latency.p99, limitMs }],
  );
}

function latenciesOf(
  step: StepSummary,
  { totalMsMax, ttftMsMax, tpotMsMax }: LatencyLimits,
): readonly {
  readonly name: string;
  readonly latency: Latency;
  readonly limitMs: number | null;
}[] {
  return [
    { name: "P99 latency", latency: step.total, limitMs: totalMsMax },
    { name: "P99 TTFT", latency: step.ttft, limitMs: ttftMsMax },
    { name: "P99 time per token", latency: step.tpot, limitMs: tpotMsMax },
  ];
}

function latencyBroken({ question }: LoadTest, asked: StepSummary | null): string | null {
  if (asked === null) return null;
  const over = heldLatencies(question, asked).find(({ p99, limitMs }) => p99.low > limitMs);
  if (over === undefined) return null;
  const { name, p99, limitMs } = over;
  return `${name} is ${p99Text(p99, question)} at ${stepText(asked)}, limit ${durationText(limitMs)}`;
}

function p99Text({ value, low }: QuantileInterval, { timeoutMs }: LoadQuestion): string {
  if (!Number.isFinite(value)) return `beyond ${durationText(timeoutMs)}`;
  return `${durationText(value)} (surely above ${durationText(low)})`;
}

/** What keeps it from a pass. */
function open(test: LoadTest): Decided | null {
  const { question } = test;
  const asked = askedStep(test);
  if (asked === null || asked.offered === 0) {
    const because = `nothing was sent at the load of ${rateText(question.perSecond)} that is asked about`;
    return { outcome: "inconclusive", because };
  }
  const unsure = heldLatencies(question, asked).find(({ p99, limitMs }) => p99.high > limitMs);
  if (unsure !== undefined) {
    const { name, p99, limitMs } = unsure;
    const high = Number.isFinite(p99.high) ? durationText(p99.high) : "any time";
    const because = `${name} is ${durationText(p99.value)} at ${stepText(asked)} and may be ${high} (limit ${durationText(limitMs)}): ${counted(asked.offered, "request")} are too few to tell; make the steps longer`;
    return { outcome: "inconclusive", because };
  }
  if ((asked.failed?.high ?? 1) > question.errorsMax) {
    const high = percentText(asked.failed?.high ?? 1);
    const because = `up to ${high} of the requests may fail at ${stepText(asked)} (limit ${percentText(question.errorsMax)}): ${counted(asked.offered, "request")} are too few to tell; make the steps longer`;
    return { outcome: "inconclusive", because };
  }
  return unheld(question, asked);
}

/** A limit that nothing was held against is not kept. */
function unheld({ limits }: LoadQuestion, asked: StepSummary): Decided | null {
  const all = latenciesOf(asked, limits).filter(({ limitMs }) => limitMs !== null);
  const blind = all.find(({ latency }) => latency === null);
  if (all.length > 0 && blind === undefined) return null;
  const because =
    blind === undefined
      ? "no latency has a limit that it could be held against"
      : `${blind.name} has a limit of ${durationText(blind.limitMs ?? 0)}, and none of ${counted(asked.offered, "request")} at ${stepText(asked)} says what it is`;
  return { outcome: "inconclusive", because };
}

function passed(test: LoadTest): Decided {
  const { question, capacity } = test;
  const asked = askedStep(test);
  const held = asked === null ? [] : heldLatencies(question, asked);
  const latencies = held.map(
    ({ name, p99, limitMs }) =>
      `${name} ${durationText(p99.value)} of ${durationText(limitMs)} allowed`,
  );
  const room =
    capacity === null
      ? ""
      : `; the knee is at ${rateText(KNEE * capacity.perSecond * question.replicas)}`;
  return {
    outcome: "pass",
    because: `at ${rateText(question.perSecond)}: ${latencies.join(", ")}${room}`,
  };
}

export function stepText({ step }: Pick<StepSummary, "step">): string {
  return `${percentText(step.multiple)} (${rateText(step.perSecond)})`;
}

export function rateText(perSecond: number): string {
  return `${Number(perSecond.toPrecision(3))}/s`;
}
