// Assign: stable or candidate, for good under one table. A user keeps the arm while the stage grows.

import {
  type Assignment,
  assignmentOf,
  type Requester,
  type Route,
  type ServingArm,
  type Split,
} from "@slipway/core";
import { conversationOf } from "../body/conversation.ts";
import type { Turn } from "../evidence/observed.ts";
import { headerOf } from "../headers.ts";
import type { Admitted } from "./admitted.ts";
import type { Context } from "./context.ts";
import type { Identified } from "./identified.ts";
import { Passage } from "./passage.ts";
import { type Placement, placementOf } from "./placement.ts";
import { Watched } from "./watched.ts";

export function assign(context: Context, admitted: Admitted, identified: Identified): Passage {
  const { destination, key, modelless, routing } = identified;
  const { route } = destination;
  const { split } = route;
  const isAssigned = split !== null && (!modelless || identified.object !== null);
  const { assignment, turn } = isAssigned
    ? assigned(context, admitted, identified, split)
    : UNASSIGNED;
  const chosen = assignment.arm;
  const open = chosen === "candidate" && mayUseCandidate(context, route) ? chosen : "stable";
  const placement = identified.object === null ? null : place(context, identified, chosen);
  const arm = placement?.places[0]?.arm ?? open;
  const passage = new Passage(context, admitted, identified, arm, placement);
  if (split === null || modelless) return passage;
  if (placement === null) follow(passage, routing.table.number, key);
  // What was sent elsewhere than it was assigned, or may still be, is evidence of neither.
  if (arm !== chosen || (placement !== null && placement.placed !== "known")) return passage;
  passage.via = assignment.via;
  passage.turn = turn;
  passage.observed = context.recorder.arrive({
    rolloutId: split.rolloutId,
    table: routing.table.number,
    arm,
    via: assignment.via,
    turn,
    ...identified.segmented,
    key,
    tickMs: route.evidence.tickMs,
    horizonMs: route.evidence.horizonMs,
    streamed: passage.streamed,
    estimatedTokens: passage.inputTokens,
  });
  return passage;
}

/** What becomes of it says how its version does; where an object has to be looked for, it does not. */
function follow(passage: Passage, table: number, key: string | null): void {
  const { context, destination, startedMs } = passage;
  const watch = context.trips.watchOf(destination.route);
  if (watch !== null) passage.watched = new Watched(watch, passage, table, key);
  if (passage.arm === "candidate") destination.replayBudget.request(startedMs);
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

type Assigned = { readonly assignment: Assignment; readonly turn: Turn | null };

const UNASSIGNED: Assigned = {
  assignment: { arm: "stable", via: "split", ring: null },
  turn: null,
};

function assigned(
  context: Context,
  { caller, exchange }: Admitted,
  identified: Identified,
  split: Split,
): Assigned {
  const { destination, key, object } = identified;
  const requester: Requester = {
    key,
    client: caller?.client.name ?? null,
    header: (name) => headerOf(exchange.headers, name),
  };
  const due = assignmentOf(
    {
      rolloutId: split.rolloutId,
      candidateSlots: split.candidateSlots,
      withoutKey: destination.route.keys.withoutKey,
      audience: destination.audience,
      draw: context.ports.random.next,
    },
    requester,
  );
  // What names an object goes where that is, whatever else is known of its conversation.
  return object === null ? stay(context, identified, split, due) : { assignment: due, turn: null };
}

/**
 * A conversation that began on stable stays there, where that is known. Never the other way round: whatever takes a
 * user off the candidate takes all conversations with it.
 */
function stay(
  context: Context,
  { destination, key, scan }: Identified,
  { rolloutId }: Split,
  due: Assignment,
): Assigned {
  const stays = destination.route.audience.conversations === "stay";
  const conversation = stays && scan !== null ? conversationOf(scan) : null;
  if (conversation === null) return { assignment: due, turn: null };
  // Two users may open with the same words.
  const isNamed = key === null || key === conversation.key;
  const name = isNamed ? conversation.key : `${key}\n${conversation.key}`;
  const nowMs = context.ports.clock.mono();
  // What begins a conversation has been nowhere.
  const was = conversation.isContinued ? context.conversations.armOf(name, rolloutId, nowMs) : null;
  const isKept = was === "stable" && due.arm === "candidate" && conversation.isContinued;
  const assignment: Assignment = isKept ? { arm: "stable", via: "kept", ring: null } : due;
  context.conversations.remember(name, rolloutId, assignment.arm, nowMs);
  if (!conversation.isContinued) return { assignment, turn: null };
  return { assignment, turn: was === null ? "unknown" : "known" };
}

/** Only under a lease, unless the policy keeps the split; never what an operator diverted, or what was tripped. */
function mayUseCandidate(context: Context, route: Route): boolean {
  if (context.trips.watchOf(route)?.isTripped === true) return false;
  if (context.diverted.has(route.model)) return false;
  return route.lease.onLapse === "keep" || context.lease.isValid(context.ports.clock.mono());
}
