// can(rollout, command): which commands an operator may give in which phase, and the sentence that says why not.
// One table drives the API's refusals, the CLI's hints and the console's buttons.

import { stepBackOf } from "./decide.ts";
import type { Phase, Rollout } from "./rollout.ts";

export const COMMANDS = ["pause", "resume", "promote", "step-back", "rollback", "revert"] as const;
export type Command = (typeof COMMANDS)[number];

const ALLOWED: Record<Command, readonly Phase["kind"][]> = {
  pause: ["stage", "bake"],
  resume: ["paused"],
  promote: ["preflight", "stage", "bake", "paused"],
  "step-back": ["stage", "bake", "paused"],
  rollback: ["preflight", "stage", "bake", "paused", "stepping-back"],
  revert: ["preflight", "stage", "bake", "paused", "stepping-back", "completed"],
};

export type Can = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Whether a command is allowed now. `nowMs`: milliseconds since the epoch. */
export function can(rollout: Rollout, command: Command, nowMs: number): Can {
  const { phase } = rollout;
  if (!ALLOWED[command].includes(phase.kind)) {
    return { ok: false, why: refusal(rollout, command) };
  }
  if (command === "step-back" && stepBackOf(rollout).kind === "roll-back") {
    return {
      ok: false,
      why: "no stage before this one has fewer users; use rollback to leave the candidate",
    };
  }
  if (command === "revert" && phase.kind === "completed" && nowMs >= phase.warmUntilMs) {
    return {
      ok: false,
      why: `${rollout.from} is no longer kept warm; start a rollout back to it instead`,
    };
  }
  return { ok: true };
}

function refusal(rollout: Rollout, command: Command): string {
  const { phase } = rollout;
  switch (phase.kind) {
    case "rolled-back":
      return "it has been rolled back, and a finished rollout never moves again; start a new one";
    case "completed":
      return `it is completed, and a finished rollout never moves again; use revert to return to ${rollout.from}`;
    case "rolling-back":
      return "it is rolling back; that cannot be changed any more";
    case "stepping-back":
      return `it is stepping back; ${command} is possible once every gateway has confirmed`;
    case "paused":
      return "it is paused already";
    default:
      return `${command} is not possible while it is in ${phase.kind}`;
  }
}
