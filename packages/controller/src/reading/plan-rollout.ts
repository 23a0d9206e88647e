// What to expect of a rollout before it begins: the plan of core, for the traffic that the model's last rollout saw.

import {
  logNormalLatency,
  type Model,
  plan,
  type ServingArm,
  type Tick,
  type Traffic,
  trafficOf,
} from "@slipway/core";
import type { PlanRequest, PlanView } from "@slipway/wire";
import { entriesOf, rolloutOf } from "../journal/replay.ts";
import { policyFor } from "../orders/start.ts";
import { noTraffic } from "../refusal.ts";
import type { StoreReader } from "../store/store.ts";
import { ticksBetween } from "./ticks-between.ts";

export type PlanAsk = {
  readonly model: Model;
  readonly request: PlanRequest;
  readonly nowMs: number;
};

/** The newest evidence is looked for in so many rollouts, and taken from so much time. */
const ROLLOUTS_LOOKED_AT_MAX = 20;
const TRAFFIC_MS = 3_600_000;

type Seen = {
  readonly traffic: Traffic;
  readonly from: NonNullable<PlanView["source"]["evidence"]>;
};

export async function planRollout(
  reader: StoreReader,
  { model, request, nowMs }: PlanAsk,
): Promise<PlanView> {
  const seen = needsEvidence(request, model) ? await lastTraffic(reader, model, nowMs) : null;
  const traffic = trafficFor(request, seen?.traffic ?? null);
  if (traffic === null) throw noTraffic(model.name);
  return {
    model: model.name,
    from: model.stable,
    to: request.to,
    source: { evidence: seen?.from ?? null, given: givenBy(request) },
    ...plan(policyFor(model, request.to), traffic),
    ...(model.policy.lessons === undefined ? {} : { lessons: model.policy.lessons }),
  };
}

/** Nothing is read when every figure that matters was given. */
function needsEvidence(
  { requestsPerMinute, errorRate, latency }: PlanRequest,
  model: Model,
): boolean {
  const times = model.policy.guards.flatMap(({ metric }) =>
    metric.kind === "latency" ? [metric.time] : [],
  );
  return (
    requestsPerMinute === undefined ||
    errorRate === undefined ||
    times.some((time) => latency?.[time] === undefined)
  );
}

function givenBy({ requestsPerMinute, errorRate, latency }: PlanRequest): readonly string[] {
  return [
    ...(requestsPerMinute === undefined ? [] : ["requests per minute"]),
    ...(errorRate === undefined ? [] : ["error rate"]),
    ...Object.keys(latency ?? {}).map((metric) => `${metric} latency`),
  ];
}

/** What was given counts before what was seen; null while the amount or the error rate are neither. */
function trafficFor(request: PlanRequest, seen: Traffic | null): Traffic | null {
  const perMinute = request.requestsPerMinute ?? seen?.perMinute;
  const errorRate = request.errorRate ?? seen?.errorRate;
  if (perMinute === undefined || errorRate === undefined) return null;
  const of = (metric: keyof Traffic["latency"]): Traffic["latency"]["total"] => {
    const given = request.latency?.[metric];
    return given === undefined
      ? (seen?.latency[metric] ?? null)
      : logNormalLatency(given.p50Ms, given.p99Ms);
  };
  const segments = seen?.segments ?? [];
  return {
    perMinute,
    errorRate,
    requests: request.errorRate === undefined ? (seen?.requests ?? null) : null,
    latency: { total: of("total"), ttft: of("ttft"), tpot: of("tpot") },
    segments:
      request.errorRate === undefined ? segments : segments.map((s) => ({ ...s, errorRate })),
    buckets: seen?.buckets ?? null,
  };
}

/** Of the newest rollout that judged anybody on the version which is stable now. */
async function lastTraffic(reader: StoreReader, model: Model, nowMs: number): Promise<Seen | null> {
  for (const { id } of await reader.rollouts(model.name, ROLLOUTS_LOOKED_AT_MAX)) {
    const seen = await trafficIn(reader, id, model, nowMs);
    if (seen !== null) return seen;
  }
  return null;
}

async function trafficIn(
  reader: StoreReader,
  rolloutId: string,
  model: Model,
  nowMs: number,
): Promise<Seen | null> {
  const rollout = await rolloutOf(reader, rolloutId);
  if (rollout === null) return null;
  const { tickMs } = rollout.policy.evidence;
  const endMs = Math.min(nowMs, await lastMomentOf(reader, rolloutId));
  const from = Math.floor((endMs - TRAFFIC_MS) / tickMs);
  const ticks = trimmed(await ticksBetween(reader, rolloutId, from));
  const arms: readonly ServingArm[] =
    model.stable === rollout.to ? ["candidate", "stable"] : ["stable", "candidate"];
  for (const arm of arms) {
    const traffic = trafficOf(ticks, tickMs, arm);
    if (traffic === null) continue;
    const from = {
      rolloutId,
      version: arm === "stable" ? rollout.from : rollout.to,
      fromMs: (ticks[0]?.endMs ?? endMs) - tickMs,
      toMs: ticks.at(-1)?.endMs ?? endMs,
      requests: traffic.requests ?? 0,
    };
    return { traffic, from };
  }
  return null;
}

async function lastMomentOf(reader: StoreReader, rolloutId: string): Promise<number> {
  const stored = await reader.rollout(rolloutId);
  // One that is open goes on being seen; of a closed one the journal's end is the end of what was seen.
  if (stored?.open === true) return Number.POSITIVE_INFINITY;
  let last = 0;
  for await (const { text } of entriesOf(reader, rolloutId)) {
    last = (JSON.parse(text) as { readonly atMs: number }).atMs;
  }
  return last;
}

/** Ticks without anybody at either end are from before the rollout's gateways, or after its end. */
function trimmed(ticks: readonly Tick[]): readonly Tick[] {
  const isBusy = ({ rows }: Tick): boolean => rows.length > 0;
  const last = ticks.findLastIndex(isBusy);
  const first = ticks.findIndex(isBusy);
  return first < 0 ? [] : ticks.slice(first, last + 1);
}
