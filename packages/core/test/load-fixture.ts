// Evidence of an engine whose every figure is known: the twin plays it at some load, and what gateways would have seen of
// it becomes ticks.
import {
  arrivalsOf,
  createRandom,
  type EngineModel,
  type EvidenceRow,
  emptyRow,
  logNormal,
  type Played,
  playTwin,
  type Rollout,
  record,
  SAMPLES_PER_ROW,
  type ServingArm,
  type Tick,
  type Upstream,
  type Work,
  Works,
} from "@slipway/core";
import { POLICY, rolloutIn } from "./rollout-fixture.ts";

export const ENGINE: EngineModel = {
  baseMs: 20,
  perSequenceMs: 0.4,
  perContextTokenMs: 0.00002,
  perPrefillTokenMs: 0.05,
  overheadMs: 5,
  chunkTokens: 2_048,
  sequencesMax: 256,
  tokensPerStep: 1,
};

const random = createRandom(5);
export const WORKS: readonly Work[] = Array.from({ length: 2_000 }, () => ({
  promptTokens: Math.round(Math.min(8_000, logNormal(random, 600, 0.8))),
  cachedTokens: 0,
  outputTokens: Math.max(1, Math.round(Math.min(1_000, logNormal(random, 120, 0.6)))),
  streamed: true,
}));

/** Requests a second at each of two engines, in the stage of 5%. */
export const NOW_PER_SECOND = 0.5;
const ENGINES = 2;
const TICKS = 30;

export const ROLLOUT: Rollout = rolloutIn(
  { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 },
  {
    forecast: { enabled: true, unknown: "ask-at-risk" },
    guards: POLICY.guards.map((guard) =>
      guard.metric.kind === "latency"
        ? { ...guard, comparison: { kind: "ratio", ratioMax: 1.5, differenceMin: 0 } }
        : guard,
    ),
    // One half more and half as much again: what the twin can serve is between the two.
    stages: [
      { percent: 5, holdMs: 60_000, minRequests: 100 },
      { percent: 10, holdMs: 60_000, minRequests: 100 },
      { percent: 100, holdMs: 60_000, minRequests: 100 },
    ],
  },
);

export function playedAt(perSecond: number, seed: number, requests = 6_000): readonly Played[] {
  const traffic = { works: Works.of(WORKS), perMs: perSecond / 1000, course: [1], sliceMs: 10_000 };
  const shape = { engines: ENGINES, hidden: false };
  const arrivals = arrivalsOf(traffic, ENGINES, requests, createRandom(seed));
  return playTwin(ENGINE, shape, arrivals).list();
}

/** Ticks as gateways report them; `told: false` where answers do not say how many tokens they had. */
export function ticksOf(
  options: { readonly told?: boolean; readonly ticks?: number } = {},
): readonly Tick[] {
  const { told = true, ticks = TICKS } = options;
  const perTick = Math.round(NOW_PER_SECOND * ENGINES * 10);
  const played = playedAt(NOW_PER_SECOND, 3);
  return Array.from({ length: ticks }, (_, tick) => {
    const own = played.slice(tick * perTick, (tick + 1) * perTick);
    const segments = [own.slice(0, SAMPLES_PER_ROW), own.slice(SAMPLES_PER_ROW)];
    const rows = segments.map((part, i) => rowOf("candidate", tick, `s${i}`, part, told));
    const stable = played.slice(-200);
    const rest = rowOf("stable", tick, "s0", stable.slice(0, 95), false);
    rest.arrivals = perTick * 19;
    return {
      rolloutId: "r-1",
      tick,
      endMs: (tick + 1) * 10_000,
      missing: [],
      rows: [...rows, rest],
    };
  });
}

function rowOf(
  arm: ServingArm,
  tick: number,
  segment: string,
  played: readonly Played[],
  told: boolean,
): EvidenceRow {
  const row = emptyRow({ rolloutId: "r-1", table: 1, tick, arm, via: "split", segment });
  row.arrivals = played.length;
  row.judged = played.length;
  row.outcomes = { ok: played.length };
  for (const one of played) {
    record(row.latency.total, one.totalMs);
    record(row.latency.ttft, one.ttftMs);
    row.inFlightMs += one.totalMs;
    if (!told) continue;
    row.tokens.input += one.promptTokens;
    row.tokens.output += one.outputTokens;
    row.samples.push({
      inputTokens: one.promptTokens,
      estimatedTokens: one.promptTokens,
      cachedTokens: 0,
      outputTokens: one.outputTokens,
      ttftMs: one.ttftMs,
      totalMs: one.totalMs,
      inFlight: one.others + 1,
      replica: "r",
    });
  }
  return row;
}

export function upstreamsOf(replicas?: Upstream["replicas"]): readonly Upstream[] {
  return ["a", "b"].map((id) => ({
    id,
    url: `http://${id}/v1`,
    model: "m",
    keyEnv: null,
    pool: "pool",
    inFlightMax: 256,
    concurrency: "fixed",
    ...(replicas === undefined ? {} : { replicas }),
  }));
}
