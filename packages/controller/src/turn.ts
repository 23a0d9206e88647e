// The tick of the controller: what it does every quarter of a second, as a list of named steps. Each rollout's
// steps end in one commit of its own, so that a crash between two loses nothing and repeats nothing.

import {
  absorb,
  canonicalJson,
  type Decision,
  decide,
  isFinished,
  type Rollout,
  scoreOf,
  type Tick,
} from "@slipway/core";
import { confirmationOf, drainOf } from "./evidence/confirmation.ts";
import { matureTicks } from "./evidence/maturity.ts";
import { isForgettable, isLeased } from "./evidence/member.ts";
import { checkpointOf, isCheckpointTick } from "./journal/checkpoint.ts";
import { append, appendMove, chainHash, type Moving, tickChainText } from "./journal/journal.ts";
import { lookText } from "./journal/journal-tail.ts";
import { lookOf } from "./journal/look.ts";
import { recordFreezes } from "./orders/freeze.ts";
import type { Digest } from "./ports.ts";
import { rolloutView } from "./view/rollout-view.ts";
import { type Draft, deleteMember, mint, putMember } from "./world/draft.ts";
import type { Running } from "./world/world.ts";

export type TurnClock = { readonly nowMs: number; readonly monoMs: number };

type Step = (draft: Draft, rolloutId: string, clock: TurnClock, digest: Digest) => void;

/** What happens to one rollout in one turn, in this order; the caller commits and publishes. */
export const ROLLOUT_STEPS: readonly Step[] = [
  absorbMatureTicks,
  recordConfirmation,
  recordDrain,
  recordWhatFreezes,
  decideNext,
  scoreForecasts,
  closeIfSettled,
];

/** Ends the leases that have run out, and forgets members that nothing depends on. */
export function expireLeases(draft: Draft, clock: TurnClock): void {
  for (const [incarnation, record] of draft.members) {
    const endMs = draft.leases.get(incarnation) ?? 0;
    if (isLeased(record) && clock.monoMs >= endMs) {
      putMember(draft, { ...record, expiredAtMs: clock.nowMs });
    } else if (isForgettable(record, clock.nowMs)) {
      deleteMember(draft, incarnation);
    }
  }
}

function runningOf(draft: Draft, rolloutId: string): Running {
  const running = draft.running.get(rolloutId);
  if (running === undefined) throw new RangeError(`rollout ${rolloutId} is not open`);
  return running;
}

function absorbMatureTicks(draft: Draft, id: string, clock: TurnClock, digest: Digest): void {
  const ticks = matureTicks(runningOf(draft, id), draft.members.values(), {
    nowMs: clock.nowMs,
    openedAtMs: draft.openedAtMs,
  });
  for (const tick of ticks) absorbTick(draft, runningOf(draft, id), tick, clock.nowMs, digest);
}

function absorbTick(
  draft: Draft,
  running: Running,
  tick: Tick,
  consumedAtMs: number,
  digest: Digest,
): void {
  const { rollout } = running;
  const text = JSON.stringify(tick);
  const chained = { afterSequence: rollout.sequence, consumedAtMs, text };
  const hash = chainHash(digest, running.tickHash, tickChainText(chained));
  const pending = new Map(running.pending);
  pending.delete(tick.tick);
  const next = {
    ...running,
    // What a replay will read, not what is in memory: the two may differ in what JSON does not keep.
    evidence: absorb(running.evidence, rollout, JSON.parse(text) as Tick),
    tickHash: hash,
    pending,
  };
  draft.running.set(rollout.id, next);
  draft.changes.push({
    kind: "consume",
    rolloutId: rollout.id,
    tick: tick.tick,
    ...chained,
    hash,
  });
  if (isCheckpointTick(tick.tick)) {
    draft.changes.push({ kind: "put-checkpoint", ...checkpointOf(next) });
  }
}

function recordConfirmation(draft: Draft, id: string, clock: TurnClock, digest: Digest): void {
  const running = runningOf(draft, id);
  const event = confirmationOf(running, draft.members.values(), clock.nowMs);
  if (event === null) return;
  append(draft, running, event, digest);
  // A rollback that has ended takes its split out of the table.
  mint(draft, clock.nowMs);
}

function recordDrain(draft: Draft, id: string, clock: TurnClock, digest: Digest): void {
  const running = runningOf(draft, id);
  const event = drainOf(running, draft.members.values(), clock.nowMs);
  if (event !== null) append(draft, running, event, digest);
}

function recordWhatFreezes(draft: Draft, id: string, clock: TurnClock, digest: Digest): void {
  recordFreezes(draft, runningOf(draft, id), clock.nowMs, digest);
}

function isUnjudged(rollout: Rollout): boolean {
  return isFinished(rollout.phase) || rollout.phase.kind === "rolling-back";
}

function decideNext(draft: Draft, id: string, clock: TurnClock, digest: Digest): void {
  const running = runningOf(draft, id);
  if (isUnjudged(running.rollout)) return;
  const atMs = clock.nowMs;
  const judgement = decide(running, atMs);
  const { decision } = judgement;
  if (decision.kind === "move") {
    const cause = { kind: "evidence" as const, because: decision.because };
    const look = lookOf(running, judgement, digest);
    appendMove(
      draft,
      running,
      { atMs, move: decision.move, cause, look, ...shedOf(decision) },
      digest,
    );
    return;
  }
  if (lookText(decision.because, judgement.standings) === running.tail.looked) return;
  const look = lookOf(running, judgement, digest);
  append(draft, running, { type: "looked", atMs, because: decision.because, look }, digest);
}

function shedOf({ shed }: Extract<Decision, { kind: "move" }>): Pick<Moving, "shed"> {
  return shed === undefined ? {} : { shed };
}

/** Stages that were forecast, and have been seen to their end. */
function scoreForecasts(draft: Draft, id: string, clock: TurnClock, digest: Digest): void {
  const { rollout, evidence } = runningOf(draft, id);
  for (const foreseen of rollout.foreseen) {
    const score = scoreOf(foreseen, evidence, rollout.policy.evidence.tickMs);
    if (score === null) continue;
    const event = { type: "forecast-scored" as const, atMs: clock.nowMs, score };
    append(draft, runningOf(draft, id), event, digest);
  }
}

/** A finished rollout is closed once its last requests are judged and its candidate has drained. */
function closeIfSettled(draft: Draft, id: string, clock: TurnClock): void {
  const running = runningOf(draft, id);
  const { rollout, evidence } = running;
  if (!isFinished(rollout.phase)) return;
  if (rollout.phase.kind === "rolled-back" && rollout.drainedMs === null) return;
  if ((evidence.endMs ?? 0) < rollout.phase.sinceMs) return;
  draft.changes.push(
    { kind: "drop-rows", rolloutId: id },
    {
      kind: "put-rollout",
      id,
      model: rollout.model,
      startedAtMs: rollout.startedAtMs,
      open: false,
      lateRequests: running.lateRequests,
      view: canonicalJson(rolloutView(running, draft, clock.nowMs)),
    },
  );
  draft.running.delete(id);
}
