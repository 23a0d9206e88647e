// The gate `soak`: holds a load for a time, and looks whether latency or the engines' memory grow under it.

import {
  isVoid,
  judgeSoak,
  lateText,
  percentText,
  type Shot,
  type SoakSeries,
  type StepSummary,
  scheduleOf,
  stepSummary,
  stepsOf,
  totalMsOf,
} from "@slipway/core";
import type { SoakGate } from "@slipway/wire/config";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { overBudget } from "./budget.ts";
import { type Engines, enginesOf } from "./engines.ts";
import { metricsUrlOf, type WatchedMemory, watchMemory } from "./memory-watch.ts";
import { rateOf, trafficOf } from "./traffic.ts";
import { openVolley } from "./volley.ts";

/** Looks at the memory in the whole soak. */
const LOOKS = 480;
const LOOK_MS_MIN = 250;
/** Where nobody said what a series must not come to. */
const TIMES_MAX = 2;
const SCHEDULE_MAX = 1_000_000;
const SEED = 1;
const NO_LIMITS = { totalMsMax: null, ttftMsMax: null, tpotMsMax: null } as const;

export const soakGate: Gate<SoakGate> = {
  name: "soak",
  run: async (context) => {
    const { settings, candidate, files, random } = context;
    const engines = enginesOf(candidate);
    const perSecond = settings.level * rateOf(settings.traffic);
    const requests = Math.round((perSecond * settings.lengthMs) / 1_000);
    if (requests > SCHEDULE_MAX) return cannot(tooMany(requests));
    const steps = stepsOf([1], perSecond, settings.lengthMs);
    const { lengths, pattern } = await trafficOf(settings.traffic, files);
    const schedule = scheduleOf(steps, lengths, pattern, random(SEED));
    const { prices } = candidate.version;
    const refusal = overBudget(schedule, settings.budget, prices, engines.isHosted);
    if (refusal !== null) return cannot(refusal);
    const { shots, memories } = await held(context, engines, schedule);
    const [step] = steps;
    if (step === undefined) return cannot("there is no load to hold");
    return judged(settings, stepSummary(step, 0, shots, NO_LIMITS), shots, memories);
  },
};

type Memories = readonly (WatchedMemory & { readonly url: string })[];

async function held(
  context: GateContext<SoakGate>,
  engines: Engines,
  schedule: ReturnType<typeof scheduleOf>,
): Promise<{ readonly shots: readonly Shot[]; readonly memories: Memories }> {
  const { candidate, settings, signal, progress, clock, http } = context;
  const { metricsUrl, metric, lengthMs } = settings;
  const everyMs = Math.max(LOOK_MS_MIN, lengthMs / LOOKS);
  const sources =
    metricsUrl === null
      ? candidate.endpoints.map((one) => ({ url: metricsUrlOf(one), caFile: one.caFile }))
      : [{ url: metricsUrl, caFile: null }];
  // Nobody looks into a provider's engines.
  const watched = engines.isHosted && metricsUrl === null ? [] : sources;
  const watches = watched.map(({ url, caFile }) => ({
    url,
    watch: watchMemory({ clock, http, signal, url, caFile, metric, everyMs }),
  }));
  try {
    const shots = await context.shoot(
      openVolley(candidate.endpoints, engines, schedule, settings),
      { signal, progress: (done, of) => progress(done, of, "requests at a steady load") },
    );
    return { shots, memories: watches.map(({ url, watch }) => ({ url, ...watch.stop() })) };
  } finally {
    for (const { watch } of watches) watch.stop();
  }
}

function judged(
  settings: SoakGate,
  summary: StepSummary,
  shots: readonly Shot[],
  memories: Memories,
): GateFinding {
  const { lengthMs, uptimeMs, falseAlarmMax } = settings;
  const series = [latencySeries(shots), ...memories.flatMap((one) => memorySeries(settings, one))];
  const found = judgeSoak(series, { lengthMs, uptimeMs, falseAlarmMax });
  const problem = memories.find(({ samples }) => samples.length === 0)?.problem ?? null;
  const first = sendingBroken(settings, summary) ?? found;
  const isUnseen = first.outcome === "pass" && problem !== null;
  const isAsked = settings.metricsUrl !== null || settings.memoryMiBMax !== null;
  const unseen = `; the memory was not seen: ${problem}`;
  return {
    outcome: isUnseen && isAsked ? "inconclusive" : first.outcome,
    because: isUnseen ? `${first.because}${unseen}` : first.because,
    figures: found.figures,
    details: {
      requests: shots.length,
      failures: { ...summary.failures },
      lagP99Ms: summary.lagP99Ms,
      memory: memories.map(({ url, samples, problem: why }) => ({
        url,
        samples: samples.length,
        problem: why,
      })),
    },
  };
}

function sendingBroken(
  { lagMsMax, errorsMax }: SoakGate,
  summary: StepSummary,
): Pick<GateFinding, "outcome" | "because"> | null {
  const { failed, offered } = summary;
  if (offered === 0) return { outcome: "inconclusive", because: "nothing was sent" };
  if (isVoid(summary, lagMsMax)) {
    const because = `the run is void: ${lateText(summary, lagMsMax)}`;
    return { outcome: "inconclusive", because };
  }
  if ((failed?.low ?? 0) <= errorsMax) return null;
  const share = percentText(failed?.rate ?? 0);
  const because = `${share} of the requests failed under a steady load (limit ${percentText(errorsMax)})`;
  return { outcome: "fail", because };
}

function latencySeries(shots: readonly Shot[]): SoakSeries {
  const samples = shots
    .map((shot) => ({ atMs: shot.dueMs, value: totalMsOf(shot) }))
    .filter(({ value }) => Number.isFinite(value));
  return { name: "latency", unit: "ms", by: "median", samples, limit: { times: TIMES_MAX } };
}

function memorySeries(
  { memoryMiBMax }: SoakGate,
  { url, samples }: Memories[number],
): readonly SoakSeries[] {
  if (samples.length === 0) return [];
  const name = `memory at ${new URL(url).host}`;
  return [
    { name, unit: "MiB", by: "lowest", samples, limit: memoryMiBMax ?? { times: TIMES_MAX } },
  ];
}

function tooMany(requests: number): string {
  return `the soak would be ${requests.toLocaleString("en-US")} requests, more than the ${SCHEDULE_MAX.toLocaleString("en-US")} that are sent: make it shorter, or its level lower`;
}

function cannot(because: string): GateFinding {
  return { outcome: "inconclusive", because, figures: [], details: null };
}
