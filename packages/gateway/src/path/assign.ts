// Assign: stable or candidate, for good under one table. A user keeps the arm while the stage grows.

import { type Route, type ServingArm, SLOTS, type Split, slotOf } from "@slipway/core";
import type { Admitted } from "./admit.ts";
import type { Context } from "./context.ts";
import type { Identified } from "./identify.ts";
import { Passage } from "./passage.ts";

export function assign(context: Context, admitted: Admitted, identified: Identified): Passage {
  const { destination, key, modelless, routing } = identified;
  const { route } = destination;
  const { split } = route;
  const chosen = split === null || modelless ? "stable" : armOf(context, route, split, key);
  const arm = chosen === "candidate" && mayUseCandidate(context, route) ? chosen : "stable";
  const passage = new Passage(context, admitted, identified, arm);
  if (split === null || modelless) return passage;
  if (arm === "candidate") {
    context.flights.started(split.rolloutId);
    destination.replayBudget.request(passage.startedMs);
  }
  // What was sent to stable instead of the candidate is evidence of neither.
  if (arm !== chosen) return passage;
  passage.observed = context.recorder.arrive({
    rolloutId: split.rolloutId,
    table: routing.table.number,
    arm,
    segment: identified.segment,
    key,
    tickMs: route.evidence.tickMs,
    horizonMs: route.evidence.horizonMs,
    streamed: passage.streamed,
  });
  return passage;
}

function armOf(context: Context, route: Route, split: Split, key: string | null): ServingArm {
  const { candidateSlots } = split;
  if (candidateSlots === 0) return "stable";
  if (candidateSlots >= SLOTS) return "candidate";
  if (key !== null) {
    return slotOf(split.rolloutId, key) < candidateSlots ? "candidate" : "stable";
  }
  if (route.keys.withoutKey === "stable") return "stable";
  return context.ports.random.next() * SLOTS < candidateSlots ? "candidate" : "stable";
}

/** Only under a lease, unless the policy keeps the split, and never what an operator diverted. */
function mayUseCandidate(context: Context, route: Route): boolean {
  if (context.diverted.has(route.model)) return false;
  return route.lease.onLapse === "keep" || context.lease.isValid(context.ports.clock.mono());
}
