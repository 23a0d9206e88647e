// The gate `load`: steps up to and past the load that the candidate is to take, then as much as it can do, and what the
// load model makes of both.

import {
  type CapacitySeen,
  capacitySeen,
  type DueShot,
  durationText,
  forecastAt,
  fullSchedule,
  isVoid,
  type Json,
  judgeLoad,
  type Lengths,
  LOAD_AIMS,
  type LoadJudgement,
  type LoadQuestion,
  type Prediction,
  type Shot,
  type StepSummary,
  scheduleOf,
  stepSummary,
  stepsOf,
  type TestStep,
} from "@slipway/core";
import type { LoadGate } from "@slipway/wire/config";
import type { Served } from "../endpoint.ts";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { overBudget } from "./budget.ts";
import { type Engines, enginesOf } from "./engines.ts";
import { importedFinding } from "./imported-finding.ts";
import { rateOf, trafficOf } from "./traffic.ts";
import { openVolley, type Volley } from "./volley.ts";

/** Of the load that is asked about. */
const STEPS = [0.5, 0.75, 1, 1.1] as const;
/** What the model is asked for beside it: what becomes of a team that grows. */
const PREDICTED = [1, 1.5, 3] as const;
/** Of a full step, for each place; the first and the last are left out. */
const TURNS = 5;
/** So many answers at least, that the rate does not rest on a few. */
const ANSWERS_COUNTED = 400;
/** Requests in a schedule; a machine's memory ends somewhere. */
const SCHEDULE_MAX = 1_000_000;
const SEED = 1;

export const loadGate: Gate<LoadGate> = {
  name: "load",
  run: async (given) => {
    const context = withShare(given);
    const { settings, candidate, files, random } = context;
    if (settings.results.length > 0) return await importedFinding(context);
    const engines = enginesOf(candidate);
    const perSecond = rateOf(settings.traffic);
    const steps = stepsOf(STEPS, perSecond, settings.stepMs);
    const requests = steps.reduce(
      (sum, step) => sum + (step.perSecond * settings.stepMs) / 1_000,
      0,
    );
    if (requests > SCHEDULE_MAX) return cannot(tooMany(requests));
    const traffic = await trafficOf(settings.traffic, files);
    const schedule = scheduleOf(steps, traffic.lengths, traffic.pattern, random(SEED));
    const filling = isSought(settings, engines) ? fillingOf(context, engines, traffic.lengths) : [];
    const all = [...schedule, ...filling];
    const refusal = overBudget(all, settings.budget, candidate.version.prices, engines.isHosted);
    if (refusal !== null) return cannot(refusal);
    return await tested(context, { engines, steps, schedule, filling, perSecond });
  },
};

/** A lesson may ask for more than slipway.yaml does. */
function withShare(context: GateContext<LoadGate>): GateContext<LoadGate> {
  const { traffic } = context.settings;
  const shares = context.learnt.flatMap(({ change }) =>
    change.kind === "gate" && change.gate === "load" ? [change.shareMin ?? 0] : [],
  );
  const share = Math.max(traffic.share, ...shares);
  return { ...context, settings: { ...context.settings, traffic: { ...traffic, share } } };
}

type Plan = {
  readonly engines: Engines;
  readonly steps: readonly TestStep[];
  readonly schedule: readonly DueShot[];
  /** What keeps every place taken in the last step; none where it is left out. */
  readonly filling: readonly DueShot[];
  readonly perSecond: number;
};

async function tested(context: GateContext<LoadGate>, plan: Plan): Promise<GateFinding> {
  const { candidate, settings, signal, progress } = context;
  const { engines, steps, schedule, perSecond } = plan;
  const shots = await context.shoot(openVolley(candidate.endpoints, engines, schedule, settings), {
    signal,
    progress: (done, of) => progress(done, of, "requests, step by step"),
  });
  const summaries = steps.map((step, i) => stepSummary(step, i, shots, settings.limits));
  // A run that is void needs no more load, nor a model of it.
  const areVoid = summaries.some((summary) => isVoid(summary, settings.lagMsMax));
  const isFilled = !areVoid && plan.filling.length > 0;
  const capacity = isFilled ? await full(context, plan) : null;
  const question: LoadQuestion = {
    perSecond,
    replicas: engines.replicas,
    limits: settings.limits,
    errorsMax: settings.errorsMax,
    lagMsMax: settings.lagMsMax,
    timeoutMs: settings.timeoutMs,
  };
  const predicted = areVoid ? [] : predictions(plan, shots, capacity);
  const found = judgeLoad({ question, steps: summaries, capacity, predicted });
  const judged = isFilled && capacity === null ? withoutKnee(found, settings) : found;
  return { ...judged, details: detailsOf(question, summaries, capacity, shots.length) };
}

/** A knee that was looked for and not seen may lie anywhere, below the load too. */
function withoutKnee(found: LoadJudgement, { stepMs }: LoadGate): LoadJudgement {
  if (found.outcome !== "pass") return found;
  const because = `${found.because}; but the most that it can do was not seen, since too few answers came in ${durationText(stepMs)} of as many requests as may be: make the steps longer, or write find-capacity: false`;
  return { ...found, outcome: "inconclusive", because };
}

/** At a provider's nobody knows how many engines there are to be fitted. */
function predictions(
  { engines, steps, perSecond }: Plan,
  shots: readonly Shot[],
  capacity: CapacitySeen | null,
): readonly Prediction[] {
  if (engines.isHosted) return [];
  const ask = {
    steps,
    shots,
    replicas: engines.replicas,
    perUpstream: engines.perUpstream,
    sequencesMax: Math.max(1, Math.floor(engines.inFlightMax / engines.perUpstream)),
    capacityPerSecond: capacity?.perSecond ?? null,
    seed: SEED,
  };
  return PREDICTED.flatMap((multiple) => {
    const forecast = forecastAt(ask, multiple * perSecond, LOAD_AIMS);
    return forecast === null ? [] : [{ multiple, forecast }];
  });
}

function isSought({ findsCapacity }: LoadGate, { isHosted, isElastic }: Engines): boolean {
  return findsCapacity && !isHosted && !isElastic;
}

/** As many at once as gateways let through, for a step's time at most. */
async function full(context: GateContext<LoadGate>, plan: Plan): Promise<CapacitySeen | null> {
  const { candidate, settings, signal, progress } = context;
  const { engines, schedule, filling } = plan;
  const volley: Volley = {
    ...openVolley(candidate.endpoints, engines, filling, settings),
    kind: "full",
    endMs: settings.stepMs,
    firstNumber: schedule.length,
  };
  const shots = await context.shoot(volley, {
    signal,
    progress: (done, of) => progress(done, of, "requests, as many at once as may be"),
  });
  return capacitySeen(shots, placesOf(candidate, engines), engines.replicas);
}

function placesOf({ endpoints }: Served, { inFlightMax }: Engines): number {
  return inFlightMax * endpoints.length;
}

function fillingOf(
  { candidate, random }: GateContext<LoadGate>,
  engines: Engines,
  lengths: Lengths,
): readonly DueShot[] {
  const places = placesOf(candidate, engines);
  const requests = Math.max(TURNS * places, ANSWERS_COUNTED + 2 * places);
  return fullSchedule(requests, STEPS.length, 0, lengths, random(SEED + 1));
}

function detailsOf(
  question: LoadQuestion,
  steps: readonly StepSummary[],
  capacity: CapacitySeen | null,
  requests: number,
): Json {
  return {
    requests,
    perSecond: question.perSecond,
    replicas: question.replicas,
    capacityPerSecond: capacity?.perSecond ?? null,
    steps: steps.map(({ step, offered, failures, keptUp, chunksPerToken, tokens, counted }) => ({
      multiple: step.multiple,
      perSecond: step.perSecond,
      offered,
      failures: { ...failures },
      keptUp,
      chunksPerToken,
      tokens,
      answersThatCountTokens: counted,
    })),
  };
}

function tooMany(requests: number): string {
  return `the steps would be ${Math.round(requests).toLocaleString("en-US")} requests, more than the ${SCHEDULE_MAX.toLocaleString("en-US")} that are sent: make them shorter`;
}

function cannot(because: string): GateFinding {
  return { outcome: "inconclusive", because, figures: [], details: null };
}
