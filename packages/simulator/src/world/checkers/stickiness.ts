// No user moves back from the candidate while its share grows: whose slot is the candidate's goes there, lapses and
// diverts aside, and slots are taken away only by a step back or a rollback. After a rollback has ended nobody is
// sent to the candidate any more.
import type { Change } from "@slipway/controller";
import { isFinished, type RolloutEvent, type Table } from "@slipway/core";
import type { WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";

export function stickinessChecker(knowledge: Knowledge): Checker {
  /** Slots by the newest stored table, per rollout. */
  const slots = new Map<string, number>();
  const assigned = (
    { request, worker, key, url }: Extract<WorldEvent, { kind: "assigned" }>,
    object: Objection,
  ): void => {
    const known = knowledge.of(worker);
    const id = known.route?.split?.rolloutId;
    if (id === undefined) return;
    if (known.isCandidate(url)) {
      const { kind } = knowledge.rollouts.get(id)?.phase ?? { kind: "unknown" };
      const isOnItsOwn = known.keepsLapsed && !known.isLeased;
      if (kind !== "rolled-back" || isOnItsOwn) return;
      object(`request ${request} went to the candidate of ${id}, which had been rolled back`);
      return;
    }
    const isTheCandidates =
      known.isInSlots(key) && known.isLeased && !known.isDiverted && !known.hasTripped;
    if (isTheCandidates) {
      object(
        `request ${request} of ${key} went to stable from ${worker.incarnation}, though its slot is the candidate's by table ${known.table?.number}`,
      );
    }
  };
  const minted = (table: Table, changes: readonly Change[], object: Objection): void => {
    const split = table.routes[0]?.split;
    if (split === null || split === undefined) return;
    const before = slots.get(split.rolloutId) ?? 0;
    slots.set(split.rolloutId, split.candidateSlots);
    const rollout = knowledge.rollouts.get(split.rolloutId);
    if (rollout !== undefined && isFinished(rollout.phase)) {
      object(`table ${table.number} splits by ${split.rolloutId}, which is ${rollout.phase.kind}`);
    }
    if (split.candidateSlots >= before || movesBack(changes, split.rolloutId)) return;
    object(
      `table ${table.number} takes slots from ${split.rolloutId} (${before} to ${split.candidateSlots}) without a step back or a rollback`,
    );
  };
  const on = (event: WorldEvent, object: Objection): void => {
    if (event.kind === "assigned") {
      assigned(event, object);
      return;
    }
    if (event.kind !== "committed") return;
    for (const change of event.changes) {
      if (change.kind === "put-table") {
        minted(JSON.parse(change.text) as Table, event.changes, object);
      }
    }
  };
  return { name: "stickiness", on };
}

function movesBack(changes: readonly Change[], rolloutId: string): boolean {
  return changes.some((change) => {
    if (change.kind !== "append" || change.rolloutId !== rolloutId) return false;
    const event = JSON.parse(change.text) as RolloutEvent;
    return (
      event.type === "moved" && (event.move.kind === "step-back" || event.move.kind === "roll-back")
    );
  });
}
