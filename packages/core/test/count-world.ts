// Rollouts on counts that are drawn tick by tick and decided by core itself: what a plan is checked against.
import {
  absorb,
  apply,
  candidateSlotsOf,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyRow,
  isFinished,
  logNormal,
  type Move,
  type Policy,
  poisson,
  type Random,
  type Rollout,
  record,
  type ServingArm,
  SLOTS,
  type Tick,
} from "@slipway/core";

/** `p99Ms` null: no latencies are drawn, which is quicker. */
type Behaviour = { readonly errorRate: number; readonly p99Ms: number | null };

export type CountWorld = {
  readonly policy: Policy;
  readonly perMinute: number;
  readonly stable: Behaviour;
  readonly candidate: Behaviour;
  readonly minutesMax: number;
};

export type CountCourse = {
  /** How it ended, or `open` when the minutes were over. */
  readonly end: "rolled-back" | "all-users" | "open";
  readonly minutes: number;
  /** Minutes of each stage that was left forwards. */
  readonly stages: readonly number[];
};

export const SIGMA = 0.8;
export const Z_P99 = 2.326_347_874;

/** To the end, or until everybody is on the candidate. */
export function countCourse(world: CountWorld, random: Random): CountCourse {
  const { policy } = world;
  const { tickMs } = policy.evidence;
  let rollout = started(policy);
  let evidence: Evidence = emptyEvidence(rollout.table);
  const stages: number[] = [];
  let stageFromMs = 0;
  const ticks = (world.minutesMax * 60_000) / tickMs;
  for (let tick = 0; tick < ticks; tick++) {
    const nowMs = (tick + 1) * tickMs;
    evidence = absorb(evidence, rollout, drawn(world, rollout, tick, random));
    const { decision } = decide({ rollout, evidence }, nowMs);
    if (decision.kind === "hold") continue;
    rollout = moved(rollout, decision.move, nowMs);
    if (rollout.phase.kind === "rolled-back") {
      return { end: "rolled-back", minutes: nowMs / 60_000, stages };
    }
    stages.push((nowMs - stageFromMs) / 60_000);
    stageFromMs = nowMs;
    if (candidateSlotsOf(rollout.phase, policy) === SLOTS) {
      return { end: "all-users", minutes: nowMs / 60_000, stages };
    }
  }
  return { end: "open", minutes: world.minutesMax, stages };
}

function started(policy: Policy): Rollout {
  const rollout = apply(null, {
    type: "started",
    atMs: 0,
    table: 1,
    rollout: { id: "r", model: "m", from: "a", to: "b", policy, startedBy: "ann", reason: "" },
  });
  return moved(rollout, { kind: "advance", stage: 0 }, 0);
}

/** Gateways confirm at once. */
function moved(rollout: Rollout, move: Move, atMs: number): Rollout {
  const cause = { kind: "evidence" as const, because: { code: "drawn", text: "" } };
  const table = rollout.table + 1;
  const after = apply(rollout, { type: "moved", atMs, move, cause, table, look: null });
  const confirmed = { atMs, table, members: 1, expired: [], confirmMs: 0 };
  return isFinished(after.phase) ? after : apply(after, { type: "confirmed", ...confirmed });
}

function drawn(world: CountWorld, rollout: Rollout, tick: number, random: Random): Tick {
  const { tickMs } = world.policy.evidence;
  const share = candidateSlotsOf(rollout.phase, world.policy) / SLOTS;
  const n = (world.perMinute * tickMs) / 60_000;
  const row = (arm: ServingArm, mean: number): EvidenceRow => {
    const made = emptyRow({
      rolloutId: "r",
      table: rollout.table,
      tick,
      arm,
      via: "split",
      segment: "all",
    });
    made.arrivals = poisson(random, mean);
    made.judged = made.arrivals;
    const { errorRate, p99Ms } = world[arm];
    const bad = Math.min(made.arrivals, poisson(random, made.arrivals * errorRate));
    made.outcomes = { ok: made.arrivals - bad, server_error: bad };
    if (p99Ms === null) return made;
    const median = p99Ms / Math.exp(Z_P99 * SIGMA);
    for (let i = bad; i < made.arrivals; i++) {
      record(made.latency.total, logNormal(random, median, SIGMA));
    }
    return made;
  };
  return {
    rolloutId: "r",
    tick,
    endMs: (tick + 1) * tickMs,
    missing: [],
    rows: [row("stable", n * (1 - share)), row("candidate", n * share)],
  };
}
