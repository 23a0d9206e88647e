// apply(rollout, event) → rollout: how each journal event changes a rollout. The only way a rollout changes.

import { heldFor } from "./blocked.ts";
import { controlsAfter, NO_CONTROLS } from "./controls.ts";
import type { Move, RolloutEvent } from "./event.ts";
import { begunForeseen, foreseenAfter, withoutScored } from "./foreseen.ts";
import { isFinished, type Phase, type Place, placeOf } from "./phase.ts";
import type { Rollout } from "./rollout.ts";

/** Thrown when a journal holds an event that cannot follow its state: it was damaged, or written by a bug. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** The state after an event. The first event of a journal is `started`, on null. */
export function apply(rollout: Rollout | null, event: RolloutEvent): Rollout {
  if (event.type === "started") return start(rollout, event);
  if (rollout === null) throw new JournalError(`${event.type} before the rollout started`);
  return follow({ ...rollout, sequence: rollout.sequence + 1 }, event);
}

function follow(rollout: Rollout, event: Exclude<RolloutEvent, { type: "started" }>): Rollout {
  switch (event.type) {
    case "looked":
      return heldFor(rollout, event.because, event.atMs);
    case "moved":
      return move(rollout, event);
    case "confirmed":
      return {
        ...rollout,
        phase: confirmed(rollout, event),
        foreseen: begunForeseen(rollout, event.atMs),
      };
    case "tripped":
      return { ...rollout, trip: rollout.trip ?? event.trip };
    case "drained":
      return { ...rollout, drainedMs: event.drainedMs };
    case "forecasted":
      return { ...rollout, forecast: event.forecast };
    case "forecast-scored":
      return { ...rollout, foreseen: withoutScored(rollout.foreseen, event.score.stage) };
    default:
      return { ...rollout, controls: controlsAfter(rollout, event) };
  }
}

function start(
  rollout: Rollout | null,
  event: Extract<RolloutEvent, { type: "started" }>,
): Rollout {
  if (rollout !== null) throw new JournalError(`rollout ${rollout.id} started twice`);
  return {
    ...event.rollout,
    startedAtMs: event.atMs,
    phase: { kind: "preflight", sinceMs: event.atMs },
    table: event.table,
    stageTable: event.table,
    evidenceFrom: event.table,
    drainedMs: null,
    trip: null,
    controls: event.rollout.controls ?? NO_CONTROLS,
    forecast: null,
    foreseen: [],
    sequence: 1,
  };
}

function move(rollout: Rollout, event: Extract<RolloutEvent, { type: "moved" }>): Rollout {
  if (isFinished(rollout.phase)) {
    throw new JournalError(`rollout ${rollout.id} is finished and cannot ${event.move.kind}`);
  }
  const sameTable = event.table === rollout.table;
  const { shed: _before, blockedSinceMs: _since, ...rest } = rollout;
  return {
    ...rest,
    ...(event.shed === undefined ? {} : { shed: event.shed }),
    phase: phaseAfter(rollout, event.move, event.atMs, sameTable && wasConfirmed(rollout.phase)),
    table: event.table,
    stageTable: sameTable ? rollout.stageTable : event.table,
    evidenceFrom: event.move.kind === "step-back" ? event.table : rollout.evidenceFrom,
    controls: KEEPS_APPROVALS.has(event.move.kind)
      ? rollout.controls
      : { ...rollout.controls, approvals: [] },
    ...foreseenAfter(rollout, event.move, event.atMs),
  };
}

/** Any other move begins another stage, or leaves this one backwards. */
const KEEPS_APPROVALS: ReadonlySet<Move["kind"]> = new Set(["pause", "resume"]);

/** A pause does not say whether its table was confirmed: what is resumed is confirmed anew. */
function wasConfirmed(phase: Phase): boolean {
  return (phase.kind === "stage" || phase.kind === "bake") && phase.confirmedAtMs !== null;
}

/** `confirmed`: gateways already route so, because the table did not change and had been confirmed. */
function phaseAfter(rollout: Rollout, move: Move, sinceMs: number, confirmed: boolean): Phase {
  const { phase, policy } = rollout;
  const confirmedAtMs = confirmed ? sinceMs : null;
  switch (move.kind) {
    case "advance":
      return { kind: "stage", stage: move.stage, sinceMs, confirmedAtMs };
    case "bake":
      return { kind: "bake", sinceMs, confirmedAtMs };
    case "complete":
      return { kind: "completed", sinceMs, warmUntilMs: sinceMs + policy.warmMs };
    case "pause":
      return { kind: "paused", at: standing(rollout), sinceMs };
    case "resume":
      // The hold time starts again.
      return resumed(standing(rollout), sinceMs, confirmedAtMs);
    case "step-back":
      return { kind: "stepping-back", stage: move.stage, sinceMs };
    case "roll-back":
      return { kind: "rolling-back", from: backFrom(phase), sinceMs };
  }
}

function standing(rollout: Rollout): Place {
  const place = placeOf(rollout.phase);
  if (place === null) {
    throw new JournalError(`rollout ${rollout.id} stands at no stage while ${rollout.phase.kind}`);
  }
  return place;
}

function resumed(place: Place, sinceMs: number, confirmedAtMs: number | null): Phase {
  if (place === "bake") return { kind: "bake", sinceMs, confirmedAtMs };
  return { kind: "stage", stage: place, sinceMs, confirmedAtMs };
}

function backFrom(phase: Phase): Place | "preflight" {
  if (phase.kind === "stepping-back") return phase.stage;
  return placeOf(phase) ?? "preflight";
}

function confirmed(rollout: Rollout, event: Extract<RolloutEvent, { type: "confirmed" }>): Phase {
  const { phase } = rollout;
  if (event.table < rollout.table) return phase;
  switch (phase.kind) {
    case "stage":
    case "bake":
      return { ...phase, confirmedAtMs: event.atMs };
    case "stepping-back":
      return { kind: "paused", at: phase.stage, sinceMs: event.atMs };
    case "rolling-back":
      return {
        kind: "rolled-back",
        from: phase.from,
        sinceMs: event.atMs,
        confirmMs: event.confirmMs,
        expired: event.expired,
      };
    default:
      return phase;
  }
}
