// The numbers of a load test as figures: those at the load that is asked about first, then step by step.

import { KNEE } from "../load/engine-forecast.ts";
import { type Figure, surelyWithin } from "../preflight/gate.ts";
import { percentText } from "../quantity.ts";
import { GENERATOR_SHARE_MAX } from "./generator-share.ts";
import { askedStep, type LoadTest } from "./load-test.ts";
import type { Latency, StepSummary } from "./step-summary.ts";

export const LAG_FIGURE = "P99 lag of the generator";
export const OWN_FIGURE = "generator's own share";
const PLAIN = { interval: null, limit: null, holds: null, of: null } as const;

export function loadFigures(test: LoadTest): readonly Figure[] {
  const { question, steps } = test;
  const asked = askedStep(test);
  return [
    { ...PLAIN, name: "load", value: question.perSecond, unit: "/s" },
    ...capacityFigures(test),
    ...(asked === null ? [] : stepFigures(test, asked, null)),
    ...predictedFigures(test),
    ...steps
      .filter((step) => step !== asked)
      .flatMap((step) => stepFigures(test, step, percentText(step.step.multiple))),
    lagFigure(test),
    ownFigure(test),
  ];
}

function capacityFigures({ question, capacity, predicted }: LoadTest): readonly Figure[] {
  const { replicas, perSecond } = question;
  const fitted = predicted.slice(0, 1).map(
    ({ forecast }): Figure => ({
      ...PLAIN,
      name: "capacity by the model",
      value: forecast.fittedCapacity * 1_000,
      unit: "/s",
      of: "a replica",
    }),
  );
  if (capacity === null) return fitted;
  const knee = KNEE * capacity.perSecond * replicas;
  const deviation = 1.645 / Math.sqrt(capacity.answers);
  return [
    {
      ...PLAIN,
      name: "capacity",
      value: capacity.perSecond,
      unit: "/s",
      interval: [capacity.perSecond * (1 - deviation), capacity.perSecond * (1 + deviation)],
      of: "a replica",
    },
    ...fitted,
    { ...PLAIN, name: "knee", value: knee, unit: "/s", limit: perSecond, holds: knee >= perSecond },
  ];
}

function stepFigures(test: LoadTest, step: StepSummary, of: string | null): readonly Figure[] {
  const { limits, errorsMax } = test.question;
  const isAsked = of === null;
  const limit = (value: number | null): number | null => (isAsked ? value : null);
  return [
    ...latencyFigure(test, "P99 latency", step.total, limit(limits.totalMsMax), of),
    ...latencyFigure(test, "P99 TTFT", step.ttft, limit(limits.ttftMsMax), of),
    ...latencyFigure(test, "P99 time per token", step.tpot, limit(limits.tpotMsMax), of),
    ...errorsFigure(step, errorsMax, of),
    ...shareFigure("goodput", step.goodput, null, of),
    ...(step.stallP99Ms === null
      ? []
      : [{ ...PLAIN, name: "P99 longest stall", value: step.stallP99Ms, unit: "ms", of }]),
  ];
}

/** A lower step is held to nothing, but may break it. */
function errorsFigure(step: StepSummary, errorsMax: number, of: string | null): readonly Figure[] {
  const isBroken = step.step.multiple <= 1 && (step.failed?.low ?? 0) > errorsMax;
  return shareFigure("errors", step.failed, of === null || isBroken ? errorsMax : null, of);
}

function latencyFigure(
  { question: { timeoutMs } }: LoadTest,
  name: string,
  latency: Latency,
  limit: number | null,
  of: string | null,
): readonly Figure[] {
  if (latency === null) return [];
  const { value, low, high } = latency.p99;
  // Forever is no number: it is longer than anybody waits.
  const within = (ms: number): number => Math.min(timeoutMs, ms);
  return [
    {
      name,
      value: within(value),
      unit: "ms",
      interval: [within(low), within(high)],
      limit,
      holds: limit === null ? null : surelyWithin({ low, high }, limit),
      of,
    },
  ];
}

function shareFigure(
  name: string,
  share: StepSummary["failed"],
  limit: number | null,
  of: string | null,
): readonly Figure[] {
  if (share === null) return [];
  const { rate, low, high } = share;
  const holds = limit === null ? null : surelyWithin({ low, high }, limit);
  return [{ name, value: rate, unit: "share", interval: [low, high], limit, holds, of }];
}

/** Beyond the knee there is none: whoever asks for one is told by the knee. */
function predictedFigures({ predicted }: LoadTest): readonly Figure[] {
  return predicted.flatMap(({ multiple, forecast }) => {
    const [total = null] = forecast.at;
    if (total === null) return [];
    const { medianMs: value, lowMs, highMs } = total;
    const of = multiple === 1 ? null : percentText(multiple);
    const name = "P99 latency by the model";
    return [{ ...PLAIN, name, value, unit: "ms", interval: [lowMs, highMs] as const, of }];
  });
}

function ownFigure({ steps, capacity }: LoadTest): Figure {
  const shares = steps.map(({ generatorShare }) => generatorShare);
  const value = Math.max(0, capacity?.heldUp ?? 0, ...shares);
  const [limit, holds] = [GENERATOR_SHARE_MAX, value <= GENERATOR_SHARE_MAX];
  return { ...PLAIN, name: OWN_FIGURE, value, unit: "share", limit, holds };
}

function lagFigure({ question: { lagMsMax }, steps }: LoadTest): Figure {
  const value = Math.max(0, ...steps.map(({ lagP99Ms }) => lagP99Ms));
  const holds = value <= lagMsMax;
  return { ...PLAIN, name: LAG_FIGURE, value, unit: "ms", limit: lagMsMax, holds };
}
