// Streams of a minute, of which a fifth of the candidate's are five times slower: a tick is judged when nothing in it is
// open or its horizon has passed, and an oracle knows as a tick ends how long everything in it will take.
import {
  absorb,
  createRandom,
  decide,
  type EvidenceRow,
  emptyEvidence,
  emptyRow,
  logNormal,
  type Policy,
  poisson,
  type Random,
  type Rollout,
  record,
  type ServingArm,
  type Tick,
} from "@slipway/core";
import { policyOf } from "../default-policy.ts";
import { started } from "../guards/world.ts";

export const STREAM_MS = 60_000;
const TIMES_SLOWER = 5;
const CANDIDATE_SHARE = 0.05;
/** Forty minutes of ticks: who has not seen it by then does not see it. */
const TICKS_MAX = 240;

export type StreamWorld = {
  readonly policy: Policy;
  readonly perMinute: number;
  /** Of the candidate's streams. */
  readonly slowPart: number;
};

export type Alarm = {
  /** Ticks of evidence that it took. */
  readonly ticks: number;
  /** From the start. */
  readonly atMs: number;
};

/** What is done with a stream that is open when its horizon passes; an oracle has none. */
export type Judge = "as-overdue" | "left-out" | "oracle";

/** The default policy's guards of that name, or all of them. */
export function streamPolicy(horizonMs: number, guards: readonly string[] = []): Policy {
  const policy = policyOf();
  const chosen = policy.guards.filter(({ id }) => guards.includes(id));
  return {
    ...policy,
    guards: chosen.length === 0 ? policy.guards : chosen,
    evidence: { ...policy.evidence, horizonMs },
    // Who is left out is no candidate's fault here: the split is as drawn.
    shareTolerance: 1,
  };
}

/** When the rollout is rolled back; null where it is not. */
export function streamAlarm(world: StreamWorld, judge: Judge, seed: number): Alarm | null {
  const { policy } = world;
  const { tickMs, horizonMs } = policy.evidence;
  const random = createRandom(seed);
  const rollout = started({ policy });
  let evidence = emptyEvidence(rollout.table);
  let nowMs = 0;
  for (let tick = 0; tick < TICKS_MAX; tick++) {
    const all = drawn(world, tick, random);
    const endMs = (tick + 1) * tickMs;
    nowMs = Math.max(nowMs, judge === "oracle" ? endMs : matureMs(endMs, all, horizonMs));
    const seen = judge === "left-out" ? all.filter(({ tookMs }) => tookMs <= horizonMs) : all;
    const overdueMs = judge === "oracle" ? Number.POSITIVE_INFINITY : horizonMs;
    evidence = absorb(evidence, rollout, tickOf(rollout, { tick, endMs }, seen, overdueMs));
    const { decision } = decide({ rollout, evidence }, nowMs);
    if (decision.kind === "move" && decision.move.kind === "roll-back") {
      return { ticks: tick + 1, atMs: nowMs };
    }
  }
  return null;
}

/** What a tick's requests will take, known to nobody yet. */
type Drawn = { readonly arrivedMs: number; readonly arm: ServingArm; readonly tookMs: number };

function drawn(
  { policy, perMinute, slowPart }: StreamWorld,
  tick: number,
  random: Random,
): readonly Drawn[] {
  const { tickMs } = policy.evidence;
  const arms = [
    { arm: "stable" as const, share: 1 - CANDIDATE_SHARE, part: 0 },
    { arm: "candidate" as const, share: CANDIDATE_SHARE, part: slowPart },
  ];
  return arms.flatMap(({ arm, share, part }) =>
    Array.from({ length: poisson(random, (perMinute * share * tickMs) / 60_000) }, () => ({
      arrivedMs: (tick + random.next()) * tickMs,
      arm,
      tookMs: logNormal(random, STREAM_MS, 0.1) * (random.next() < part ? TIMES_SLOWER : 1),
    })),
  );
}

/** When nothing of a tick is open any more, or its horizon has passed. */
function matureMs(endMs: number, requests: readonly Drawn[], horizonMs: number): number {
  const ends = requests.map(({ arrivedMs, tookMs }) => arrivedMs + Math.min(tookMs, horizonMs));
  return Math.max(endMs, ...ends);
}

/** What is open for longer than `overdueMs` has failed, and is slower than every limit. */
function tickOf(
  rollout: Rollout,
  { tick, endMs }: Pick<Tick, "tick" | "endMs">,
  requests: readonly Drawn[],
  overdueMs: number,
): Tick {
  const rowOf = (arm: ServingArm): EvidenceRow => {
    const { id: rolloutId, table } = rollout;
    const row = emptyRow({ rolloutId, table, tick, arm, via: "split", segment: "all" });
    for (const { tookMs } of requests.filter((one) => one.arm === arm)) {
      const outcome = tookMs > overdueMs ? "overdue" : "ok";
      row.arrivals++;
      row.judged++;
      row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
      if (outcome === "ok") record(row.latency.total, tookMs);
      else row.latency.total.over++;
    }
    return row;
  };
  const rows = [rowOf("stable"), rowOf("candidate")].filter(({ arrivals }) => arrivals > 0);
  return { rolloutId: rollout.id, tick, endMs, missing: [], rows };
}
