// Phases, moments and ages as people read them. One place, so that every command says the same.

import {
  becauseText,
  candidateSlotsOf,
  durationText,
  type Phase,
  percentText,
  placeText,
  SLOTS,
  slotsMaxOf,
} from "@slipway/core";
import type { OpenPage, RolloutView } from "@slipway/wire";

export function phaseText(view: Pick<RolloutView, "phase" | "policy" | "to" | "from">): string {
  const { phase, policy, from, to } = view;
  switch (phase.kind) {
    case "preflight":
      return "preflight: nobody is on the candidate yet";
    case "stage":
      return `stage ${phase.stage + 1} of ${policy.stages.length}: ${shareText(view)} of users on ${to}${heldBackText(view)}`;
    case "bake":
      return policy.holdbackPercent === undefined
        ? `bake: everybody is on ${to}, ${from} stays warm`
        : `bake: ${shareText(view)} of users on ${to}${heldBackText(view)}`;
    case "paused":
      return `paused at ${placeText(phase.at, policy)}`;
    case "stepping-back":
      return `stepping back to ${placeText(phase.stage, policy)}, then paused`;
    case "rolling-back":
      return `rolling back from ${placeText(phase.from, policy)}: every gateway returns to ${from}`;
    case "rolled-back":
      return `rolled back from ${placeText(phase.from, policy)} in ${durationText(phase.confirmMs)}: everybody is on ${from}`;
    case "completed":
      return `completed: everybody is on ${to}`;
  }
}

/** Of users who are on the candidate. */
function shareText({ phase, policy }: Parameters<typeof phaseText>[0]): string {
  return percentText(candidateSlotsOf(phase, policy) / SLOTS);
}

/** Who is not on the candidate although all stages are behind it. */
function heldBackText({ phase, policy, from }: Parameters<typeof phaseText>[0]): string {
  const { holdbackPercent } = policy;
  const isLast = candidateSlotsOf(phase, policy) === slotsMaxOf(policy);
  if (holdbackPercent === undefined || !isLast) return "";
  return `, ${holdbackPercent}% held back on ${from} as a control until bake ends`;
}

/** A page in one line, with whoever looks at it. */
export function pageText(page: OpenPage): string {
  const { acknowledged } = page;
  if (acknowledged === null) return becauseText(page);
  const { by, atMs, reason } = acknowledged;
  return `${becauseText(page)}; ${by} looks at it since ${momentText(atMs)} (${reason})`;
}

/** 2026-01-15 09:30 UTC. */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** How a rollout ended; null while it is under way. */
export function outcomeOf(phase: Phase["kind"]): "completed" | "rolled-back" | null {
  return phase === "completed" || phase === "rolled-back" ? phase : null;
}

/** 64,000 ms → "1m 04s": how long ago, or how long since. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (n: number): string => String(n).padStart(2, "0");
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m ${two(seconds % 60)}s`;
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d`;
}
