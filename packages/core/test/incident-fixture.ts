// A journal with an incident in it and its ticks, made by hand, for the tests of what is derived from them.
import {
  type Because,
  type Cause,
  episodesOf,
  type Incident,
  incidentOf,
  type Move,
  type Policy,
  type RecordedEvent,
  type RolloutEvent,
  type Tick,
  tallyOf,
  type Verdict,
} from "@slipway/core";
import { POLICY } from "./rollout-fixture.ts";

export const TICK_MS: number = POLICY.evidence.tickMs;
const ID = { id: "r-1", model: "code-assistant", from: "gpt-5.0", to: "gpt-5.3" };

export const SLOW: Because = {
  code: "guard",
  guard: "p99-latency",
  text: "P99 latency 1 s is 5x stable's",
};

export function startedEvent(policy: Policy = POLICY): RolloutEvent {
  const rollout = { ...ID, policy, startedBy: "ann", reason: "better at Rust" };
  return { type: "started", atMs: 0, table: 1, rollout };
}

/** `by`: an operator's; else on evidence. */
export function movedEvent(atMs: number, move: Move, because: Because, by?: string): RolloutEvent {
  const cause: Cause =
    by === undefined
      ? { kind: "evidence", because }
      : { kind: "operator", by, command: move.kind, because };
  return { type: "moved", atMs, move, cause, table: tableAt(atMs), look: null };
}

/** Tables count up with time, so that what is later needs a later one. */
function tableAt(atMs: number): number {
  return 2 + Math.floor(atMs / 1_000);
}

export function confirmedEvent(atMs: number): RolloutEvent {
  return {
    type: "confirmed",
    atMs,
    table: tableAt(atMs),
    members: 2,
    expired: [],
    confirmMs: 400,
  };
}

export function lookedEvent(
  atMs: number,
  because: Because,
  verdicts: readonly Verdict[] = [],
): RolloutEvent {
  return { type: "looked", atMs, because, look: { watermark: 0, stateHash: "", verdicts } };
}

export function journalOf(...events: readonly RolloutEvent[]): readonly RecordedEvent[] {
  return events.map((event, index) => ({ sequence: index + 1, event }));
}

/** On 5% from the first minute on, on 25% from the second, rolled back for its latency in the fourth. */
export const ROLLED_BACK: readonly RecordedEvent[] = journalOf(
  startedEvent(),
  movedEvent(60_000, { kind: "advance", stage: 0 }, { code: "preflight", text: "no gates" }),
  confirmedEvent(61_000),
  movedEvent(120_000, { kind: "advance", stage: 1 }, { code: "requirements", text: "held 1 min" }),
  confirmedEvent(121_000),
  movedEvent(215_000, { kind: "roll-back" }, SLOW),
  confirmedEvent(216_000),
  { type: "drained", atMs: 220_000, drainedMs: 5_000 },
);

export function incidentsIn(
  entries: readonly RecordedEvent[],
  ticks: readonly Tick[],
  policy: Policy = POLICY,
): readonly Incident[] {
  const tallies = ticks.map((tick) => tallyOf(tick, policy.evidence.tickMs, "total"));
  return episodesOf(entries).map((episode) =>
    incidentOf({ rollout: { ...ID, policy }, entries, episode, ticks: tallies }),
  );
}
