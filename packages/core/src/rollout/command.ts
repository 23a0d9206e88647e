// What an operator's command makes a rollout do. Whether it is allowed at all is `can`'s to say.

import { nextOf, stepBackOf } from "./decide.ts";
import type { Move } from "./event.ts";
import { type Phase, placeOf } from "./phase.ts";
import type { Rollout } from "./rollout.ts";

/** Commands that move a rollout; the others set its controls. */
export type CommandRequest =
  | { readonly command: "pause" | "resume" | "step-back" | "rollback" | "revert" }
  /** `next`: skip the rest of this stage. `end`: straight to all users, then bake. */
  | { readonly command: "promote"; readonly to: "next" | "end" };

/** The move, for a command that `can` allows. A revert after completion is a new rollout, not a move. */
export function moveOf(rollout: Rollout, request: CommandRequest): Move {
  switch (request.command) {
    case "pause":
      return { kind: "pause" };
    case "resume":
      return { kind: "resume" };
    case "step-back":
      return stepBackOf(rollout);
    case "rollback":
    case "revert":
      return { kind: "roll-back" };
    case "promote":
      return promotion(rollout, request.to);
  }
}

function promotion(rollout: Rollout, to: "next" | "end"): Move {
  const phase = standingPhase(rollout.phase);
  if (phase.kind === "bake") return { kind: "complete" };
  return to === "end" ? { kind: "bake" } : nextOf(phase, rollout.policy);
}

/** A paused rollout is promoted from where it stands. */
function standingPhase(phase: Phase): Phase {
  const place = placeOf(phase);
  if (phase.kind !== "paused" || place === null) return phase;
  const { sinceMs } = phase;
  return place === "bake"
    ? { kind: "bake", sinceMs, confirmedAtMs: null }
    : { kind: "stage", stage: place, sinceMs, confirmedAtMs: null };
}
