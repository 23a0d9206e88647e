// One rollout decided by core itself on counts that are drawn, tick by tick, with no sockets and no waiting: what
// guards and promotion do in hours of traffic, in a fraction of a second.

import {
  absorb,
  apply,
  type Because,
  candidateSlotsOf,
  createRandom,
  decide,
  type Evidence,
  emptyEvidence,
  isFinished,
  type Move,
  type Phase,
  type Policy,
  type Rollout,
  slotsMaxOf,
} from "@slipway/core";
import type { World } from "./behaviour.ts";
import { Drawing } from "./drawing.ts";

export type Course = {
  readonly seed: number;
  /** `unfinished`: still holding when the hours were over. */
  readonly outcome: "rolled-back" | "completed" | "unfinished";
  readonly asked: boolean;
  /** Why a person was paged, each reason once. */
  readonly pages: readonly string[];
  readonly steppedBack: boolean;
  readonly guard: string | null;
  /** Why it ended; null where it did not. */
  readonly because: string | null;
  /** From the start, or from the late change, to the outcome. */
  readonly minutes: number;
  /** From the start until everybody who is not held back was on the candidate; null if that never was. */
  readonly allUsersMinutes: number | null;
};

export function courseOf(given: World, seed: number): Course {
  const world = { ...given, policy: withoutForecasts(given.policy) };
  const random = createRandom(seed);
  const { policy } = world;
  const drawing = new Drawing(world, random);
  const { tickMs } = policy.evidence;
  let rollout = started(world);
  let evidence: Evidence = emptyEvidence(rollout.table);
  let allUsersMs: number | null = null;
  let asked = false;
  let steppedBack = false;
  const pages = new Set<string>();
  const ticks = (world.hours * 3_600_000) / tickMs;
  const ended = (
    outcome: Course["outcome"],
    atMs: number,
    because: Because | null = null,
  ): Course => ({
    seed,
    outcome,
    asked,
    pages: [...pages],
    steppedBack,
    guard: because?.guard ?? null,
    because: because?.text ?? null,
    minutes: (atMs - (world.late ? (allUsersMs ?? 0) : 0)) / 60_000,
    allUsersMinutes: allUsersMs === null ? null : allUsersMs / 60_000,
  });
  for (let tick = 0; tick < ticks; tick++) {
    const nowMs = (tick + 1) * tickMs;
    const isLikeStable = world.late && allUsersMs === null;
    evidence = absorb(evidence, rollout, drawing.tick(rollout, tick, isLikeStable));
    const { decision } = decide({ rollout, evidence }, nowMs);
    if (decision.because.page === true) pages.add(decision.because.code);
    if (decision.kind === "hold") {
      asked ||= decision.because.code === "ask";
      continue;
    }
    steppedBack ||= decision.move.kind === "step-back";
    rollout = moved(rollout, decision.move, nowMs);
    const outcome = OUTCOMES[rollout.phase.kind];
    if (outcome !== undefined) return ended(outcome, nowMs, decision.because);
    if (candidateSlotsOf(rollout.phase, policy) >= slotsMaxOf(policy)) allUsersMs ??= nowMs;
  }
  return ended("unfinished", ticks * tickMs);
}

/** Counts have no engines whose load could be forecast, and a stage would wait for it. */
function withoutForecasts(policy: Policy): Policy {
  return { ...policy, forecast: { ...policy.forecast, enabled: false } };
}

const OUTCOMES: { readonly [phase in Phase["kind"]]?: Course["outcome"] } = {
  "rolled-back": "rolled-back",
  completed: "completed",
};

export function started({
  policy,
  sharedPools = [],
}: Pick<World, "policy" | "sharedPools">): Rollout {
  const rollout = apply(null, {
    type: "started",
    atMs: 0,
    table: 1,
    rollout: {
      ...{ id: "r", model: "m", from: "a", to: "b", policy, startedBy: "bench", reason: "" },
      sharedPools,
    },
  });
  return moved(rollout, { kind: "advance", stage: 0 }, 0);
}

/** Gateways confirm at once. */
function moved(rollout: Rollout, move: Move, atMs: number): Rollout {
  const cause = { kind: "evidence" as const, because: { code: "bench", text: "" } };
  const table = rollout.table + 1;
  const after = apply(rollout, { type: "moved", atMs, move, cause, table, look: null });
  const confirmed = { atMs, table, members: 1, expired: [], confirmMs: 0 };
  return isFinished(after.phase) ? after : apply(after, { type: "confirmed", ...confirmed });
}
