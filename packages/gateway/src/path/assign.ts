// Assign: stable or candidate, for good under one table. A user keeps the arm while the stage grows.

import { type Route, type ServingArm, SLOTS, type Split, slotOf } from "@slipway/core";
import type { Admitted } from "./admit.ts";
import type { Context } from "./context.ts";
import type { Identified } from "./identify.ts";
import { Passage } from "./passage.ts";
import { type Placement, placementOf } from "./placement.ts";

export function assign(context: Context, admitted: Admitted, identified: Identified): Passage {
  const { destination, key, modelless, routing } = identified;
  const { route } = destination;
  const { split } = route;
  const isAssigned = split !== null && (!modelless || identified.object !== null);
  const chosen = isAssigned ? armOf(context, route, split, key) : "stable";
  const open = chosen === "candidate" && mayUseCandidate(context, route) ? chosen : "stable";
  const placement = identified.object === null ? null : place(context, identified, chosen);
  const arm = placement?.places[0]?.arm ?? open;
  const passage = new Passage(context, admitted, identified, arm, placement);
  if (split === null || modelless) return passage;
  if (arm === "candidate" && placement === null)
    destination.replayBudget.request(passage.startedMs);
  // What was sent elsewhere than it was assigned, or may still be, is evidence of neither.
  if (arm !== chosen || (placement !== null && placement.placed !== "known")) return passage;
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

function place(context: Context, identified: Identified, likely: ServingArm): Placement {
  const { destination, home, scan } = identified;
  const { route } = destination;
  const placement = placementOf({
    route,
    home,
    likely,
    // An object in the path is read, changed or cancelled; one in the body is gone on from.
    isWork: scan?.earlierObject != null,
    mayUseCandidate: mayUseCandidate(context, route),
  });
  context.observe.placed(route.model, placement.placed);
  return placement;
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
