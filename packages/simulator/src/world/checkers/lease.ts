// Nobody routes to a candidate without a lease: counted on the worker's own clock from when it sent the frame whose
// acknowledgement reached it. A worker that started from its disk has none. A policy may say that it does without.
import type { WorldEvent } from "../event.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Checker, Objection } from "../record.ts";

export function leaseChecker(knowledge: Knowledge): Checker {
  const on = (event: WorldEvent, object: Objection): void => {
    if (event.kind !== "assigned") return;
    const known = knowledge.of(event.worker);
    if (known.hasLeft) {
      object(
        `request ${event.request} was assigned by ${event.worker.incarnation}, which had left`,
      );
    }
    if (!known.isCandidate(event.url) || known.isLeased || known.keepsLapsed) return;
    const lateMs = event.worker.clock.mono() - known.leaseEndMs;
    object(
      `request ${event.request} went to the candidate from ${event.worker.incarnation}, ${
        Number.isFinite(lateMs)
          ? `whose lease had ended ${lateMs} ms before`
          : "which never had a lease"
      }`,
    );
  };
  return { name: "lease", on };
}
