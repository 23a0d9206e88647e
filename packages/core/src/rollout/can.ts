// can(rollout, command): which commands an operator may give in which phase, and the sentence that says why not.
// One table drives the API's refusals, the CLI's hints and the console's buttons.

import { askedApproval, holdingFreeze, isApproved, nextStageOf } from "./controls.ts";
import { stepBackOf } from "./decide.ts";
import type { Phase } from "./phase.ts";
import { freezeText } from "./restraint.ts";
import type { Rollout } from "./rollout.ts";

export const COMMANDS = [
  "pause",
  "resume",
  "approve",
  "promote",
  "step-back",
  "rollback",
  "revert",
  "override",
  "observe",
  "act",
  "acknowledge",
] as const;
export type Command = (typeof COMMANDS)[number];

const UNDER_WAY = ["preflight", "stage", "bake", "paused", "stepping-back"] as const;

const ALLOWED: Record<Command, readonly Phase["kind"][]> = {
  approve: ["preflight", "stage", "paused"],
  override: UNDER_WAY,
  observe: UNDER_WAY,
  act: UNDER_WAY,
  acknowledge: [...UNDER_WAY, "rolling-back"],
  pause: ["stage", "bake"],
  resume: ["paused"],
  promote: ["preflight", "stage", "bake", "paused"],
  "step-back": ["stage", "bake", "paused"],
  rollback: UNDER_WAY,
  revert: [...UNDER_WAY, "completed"],
};

export type Can = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Whether a command is allowed now. `nowMs`: milliseconds since the epoch. */
export function can(rollout: Rollout, command: Command, nowMs: number): Can {
  const { phase } = rollout;
  if (!ALLOWED[command].includes(phase.kind)) {
    return { ok: false, why: refusal(rollout, command) };
  }
  const why = obstacle(rollout, command, nowMs);
  return why === null ? { ok: true } : { ok: false, why };
}

/** Why a command that fits the phase is not possible all the same. */
function obstacle(rollout: Rollout, command: Command, nowMs: number): string | null {
  const { phase, controls } = rollout;
  switch (command) {
    case "step-back":
      return stepBackOf(rollout).kind === "roll-back"
        ? "no stage before this one has fewer users; use rollback to leave the candidate"
        : null;
    case "revert":
      return phase.kind === "completed" && nowMs >= phase.warmUntilMs
        ? `${rollout.from} is no longer kept warm; start a rollout back to it instead`
        : null;
    case "promote":
      return promotionObstacle(rollout);
    case "approve":
      return approvalObstacle(rollout);
    case "override":
      return holdingFreeze(controls) === null ? "nothing freezes it" : null;
    case "observe":
      return controls.observing === null ? null : "it only observes already";
    case "act":
      return controls.observing === null ? "it acts by itself already" : null;
    default:
      return null;
  }
}

/** A promotion skips what time and evidence have not shown yet; a freeze and an approval are not its to skip. */
function promotionObstacle(rollout: Rollout): string | null {
  const freeze = holdingFreeze(rollout.controls);
  if (freeze !== null) return `it is ${freezeText(freeze)}; override that first, or wait`;
  const asked = askedApproval(rollout);
  if (asked === null || isApproved(asked)) return null;
  return `${asked.percent}% needs approval first, ${asked.given.length} of ${asked.needed} given; use approve`;
}

function approvalObstacle(rollout: Rollout): string | null {
  const asked = askedApproval(rollout);
  if (asked !== null) return isApproved(asked) ? `${asked.percent}% is approved already` : null;
  const stage = nextStageOf(rollout.phase, rollout.policy);
  const next = stage === null ? undefined : rollout.policy.stages[stage];
  return next === undefined
    ? "no stage comes after this one"
    : `the next stage, ${next.percent}%, needs no approval`;
}

/** The first stage further on than the next whose approval a promotion straight to the end would skip. */
export function skippedApproval({ phase, policy }: Rollout): number | null {
  const next = nextStageOf(phase, policy);
  if (next === null) return null;
  return (
    policy.stages.slice(next + 1).find(({ approval }) => approval !== undefined)?.percent ?? null
  );
}

function refusal(rollout: Rollout, command: Command): string {
  const { phase } = rollout;
  if (command === "acknowledge") return "it has ended, and nothing more is said in its journal";
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
