// Going back where a guard broke against stable's record alone: nobody is on stable at that hour, or too few, so that
// what both versions suffer cannot be told from what the candidate does. One stage goes back: there some are on stable
// again, and guards that begin afresh see within minutes which of the two it is.

import { isLabel, isSequential } from "../guards/guard.ts";
import type { Verdict } from "../guards/verdict.ts";
import { SLOTS } from "../slots.ts";
import type { Because, Move } from "./event.ts";
import { candidateSlotsOf } from "./phase.ts";
import type { Rollout } from "./rollout.ts";

export type RecordReturn = { readonly move: Move; readonly because: Because };

/** Null where stable was measured at the same time, and where no smaller stage is left. `back`: see `stepBackOf`. */
export function recordReturn(
  rollout: Rollout,
  { because, verdict }: { readonly because: Because; readonly verdict: Verdict },
  back: () => Move,
): RecordReturn | null {
  if (!isAgainstRecord(rollout, verdict)) return null;
  const move = back();
  if (move.kind === "roll-back") return null;
  const text = `${because.text}; that is against stable's record, which cannot tell the version from the hour: one stage goes back, where stable has users to compare with`;
  return { move, because: { ...because, code: "record", text, page: true } };
}

/** A limit is compared with nobody; labels and means only while both arms had users. */
function isAgainstRecord({ phase, policy }: Rollout, verdict: Verdict): boolean {
  const guard = policy.guards.find(({ id }) => id === verdict.guard);
  if (guard === undefined || verdict.comparison === "limit") return false;
  if (isSequential(guard) && (guard.metric.kind === "mean" || isLabel(guard.metric))) return false;
  return verdict.baseline === "kept" || candidateSlotsOf(phase, policy) === SLOTS;
}
