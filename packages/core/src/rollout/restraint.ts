// What keeps a decision from being carried out although the evidence asks for it: a freeze holds what would move
// forwards, and a rollout that only observes says what it would do. Neither touches what an operator commands.

import { utcText } from "../freeze/civil-time.ts";
import type { Freeze } from "../freeze/freeze.ts";
import type { Policy } from "../policy.ts";
import { holdingFreeze } from "./controls.ts";
import type { Decision } from "./decision.ts";
import type { Move } from "./event.ts";
import type { Rollout } from "./rollout.ts";

/** The decision as it may be carried out. */
export function restrained(rollout: Rollout, decision: Decision): Decision {
  return whileObserving(rollout, whileFrozen(rollout, decision));
}

export function isForwards({ kind }: Move): boolean {
  return kind === "advance" || kind === "bake" || kind === "complete";
}

function whileFrozen({ controls, policy }: Rollout, decision: Decision): Decision {
  if (decision.kind === "hold" || !isForwards(decision.move)) return decision;
  const freeze = holdingFreeze(controls);
  if (freeze === null) return decision;
  const would = wouldText(decision.move, policy);
  const text = `${freezeText(freeze)}; it would ${would}: ${decision.because.text}`;
  return { kind: "hold", because: { code: "frozen", text } };
}

function whileObserving({ controls, policy }: Rollout, decision: Decision): Decision {
  if (controls.observing === null || decision.kind === "hold") return decision;
  const { move, because } = decision;
  const text = `would ${wouldText(move, policy)}: ${because.text}`;
  return { kind: "hold", because: { ...because, code: `would-${move.kind}`, text } };
}

/** "frozen until 2026-11-30 07:00 UTC by weekend (nobody is there)". */
export function freezeText({ name, reason, by, untilMs }: Freeze): string {
  const until = untilMs === null ? "" : ` until ${utcText(untilMs)}`;
  const why = reason === "" ? "" : ` (${reason})`;
  return `frozen${until} by ${by ?? name}${why}`;
}

/** What a move does, after "would". */
export function wouldText(move: Move, policy: Policy): string {
  const percentOf = (stage: number): string => `${policy.stages[stage]?.percent ?? 0}%`;
  switch (move.kind) {
    case "advance":
      return `advance to ${percentOf(move.stage)}`;
    case "step-back":
      return `step back to ${percentOf(move.stage)}`;
    case "bake":
      return "begin to bake";
    case "roll-back":
      return "roll back";
    default:
      return move.kind;
  }
}
