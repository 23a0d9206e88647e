// Where a user of a model goes, and why, worked out from a rollout's view by the rule that gateways follow.

import {
  Audience,
  assignmentOf,
  candidateSlotsOf,
  type Requester,
  type ServingArm,
  SLOTS,
  slotOf,
} from "@slipway/core";
import type { ModelView, RolloutView } from "@slipway/wire";

export type Asked = {
  readonly key: string | null;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly client: string | null;
};

export type Where = {
  readonly model: string;
  readonly version: string;
  readonly arm: ServingArm;
  /** Null where no rollout is under way. */
  readonly rollout: string | null;
  readonly key: string | null;
  /** Null without a rollout or a key. */
  readonly slot: number | null;
  readonly candidateSlots: number;
  readonly why: string;
};

export function whereOf(model: ModelView, view: RolloutView | null, asked: Asked): Where {
  if (view === null) {
    return {
      model: model.name,
      version: model.stable,
      arm: "stable",
      rollout: null,
      key: asked.key,
      slot: null,
      candidateSlots: 0,
      why: "no rollout is under way, so everybody is on the stable version",
    };
  }
  const { policy, phase, id } = view;
  const named = policy.keys.header === null ? undefined : asked.headers.get(policy.keys.header);
  const requester: Requester = {
    // As a gateway does: the header that names users comes before what the body says.
    key: named ?? asked.key,
    client: asked.client,
    header: (name) => asked.headers.get(name) ?? null,
  };
  const audience = new Audience(policy.audience);
  const candidateSlots = candidateSlotsOf(phase, policy);
  const { withoutKey } = policy.keys;
  const placing = { rolloutId: id, candidateSlots, withoutKey, audience, draw: () => 1 };
  const assignment = assignmentOf(placing, requester);
  const slot = requester.key === null ? null : slotOf(id, requester.key);
  const { arm } = assignment;
  return {
    model: model.name,
    version: arm === "candidate" ? view.to : view.from,
    arm,
    rollout: id,
    key: requester.key,
    slot,
    candidateSlots,
    why:
      whyOf(view, assignment, slot, candidateSlots) +
      closedText(audience, requester, assignment.ring),
  };
}

function whyOf(
  { policy, phase }: RolloutView,
  { via, ring }: ReturnType<typeof assignmentOf>,
  slot: number | null,
  candidateSlots: number,
): string {
  if (via === "excluded") return "it is excluded from the candidate by the policy";
  if (via === "ring") return `it is in the ring ${ring}`;
  const owned = `the candidate owns ${candidateSlots} of ${SLOTS} slots (${phase.kind})`;
  if (slot !== null) return `its slot is ${slot}, and ${owned}`;
  if (candidateSlots === 0 || candidateSlots >= SLOTS) return owned;
  return policy.keys.withoutKey === "stable"
    ? "without a key it goes to stable; a gateway may still find one in the body"
    : `without a key each request is split by itself; ${owned}`;
}

/** A ring that is not open yet is what people ask about most. */
function closedText(audience: Audience, requester: Requester, open: string | null): string {
  const closed = open === null ? audience.ringsOf(requester) : [];
  return closed.length === 0 ? "" : `; its ring ${closed.join(", ")} does not decide here`;
}
