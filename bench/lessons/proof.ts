// What a lesson promised, and what it then did: a scenario's incident teaches, each lesson is tried on the record, accepted
// into the policy, and the same users come once more.
import {
  type BacktestReport,
  backtestReport,
  backtestTurn,
  changedPolicy,
  type LessonProposal,
  lessonBacktest,
  type Policy,
  proposalsOf,
  type RecordedItem,
  type Sooner,
  startBacktest,
} from "@slipway/core";
import type { CourseTick, Scenario, Trials } from "@slipway/simulator";
import { analysedIn } from "../causes/incident-world.ts";

export type Proof = {
  readonly scenario: string;
  readonly seed: number;
  readonly lesson: string;
  /** By how much sooner; null where its backtest says that it would not have stopped it by the end of the record. */
  readonly promised: Sooner | null;
  /** By how much sooner it was stopped in fact, in milliseconds; negative where later, null where not at all. */
  readonly keptMs: number | null;
  readonly isWithin: boolean;
};

/** As many as a controller draws where a lesson changes a share. */
const DRAWS = 5;

/** Of every guard and stage that the first incident of a world teaches; none where it has no rollback. */
export function proofsIn(
  trials: Trials,
  scenario: Scenario,
  seed: number,
  policy: Policy,
): readonly Proof[] {
  const found = analysedIn(trials, scenario, seed, policy);
  if (found === null || found.incident.opening.kind !== "roll-back") return [];
  const items = recordOf(trials, scenario, seed, policy);
  const realMs = stoppedAtMs(items);
  return proposalsOf(found.incident, found.analysis, policy).flatMap(
    (proposal): readonly Proof[] => {
      const { change, name } = proposal;
      if (change.kind !== "guard" && change.kind !== "stage") return [];
      const promised = promisedBy(items, proposal, policy);
      const after = recordOf(trials, scenario, seed, changedPolicy(policy, change));
      const [was, is] = [realMs, stoppedAtMs(after)];
      const keptMs = was === null || is === null ? null : was - is;
      return [
        {
          scenario: scenario.name,
          seed,
          lesson: name,
          promised,
          keptMs,
          isWithin: isWithin(promised, keptMs),
        },
      ];
    },
  );
}

function isWithin(promised: Sooner | null, keptMs: number | null): boolean {
  // Not by the end of the record, that is: later, or not at all.
  if (promised === null) return keptMs === null || keptMs < 0;
  if (keptMs === null) return false;
  return keptMs >= promised.leastMs && keptMs <= promised.mostMs;
}

function promisedBy(
  items: readonly RecordedItem[],
  { change }: LessonProposal,
  policy: Policy,
): Sooner | null {
  const draws = Array.from({ length: change.kind === "stage" ? DRAWS : 1 }, (_, draw) =>
    backtested(items, policy, changedPolicy(policy, change), draw),
  ).filter((report) => report !== null);
  return lessonBacktest(draws, [], policy.evidence.tickMs)?.sooner ?? null;
}

function backtested(
  items: readonly RecordedItem[],
  recorded: Policy,
  tried: Policy,
  seed: number,
): BacktestReport | null {
  const test = startBacktest(recorded, tried, seed);
  const turns = Map.groupBy(items, ({ atMs }) => atMs);
  for (const turn of turns.values()) backtestTurn(test, turn);
  return backtestReport(test, items.at(-1)?.atMs ?? 0, seed);
}

/** What a controller would have recorded, in the order in which it did: a tick when it is mature, and what was decided then. */
function recordOf(
  trials: Trials,
  scenario: Scenario,
  seed: number,
  policy: Policy,
): readonly RecordedItem[] {
  const items: RecordedItem[] = [];
  const open: CourseTick["drawn"][] = [];
  for (const { drawn, rollout, events } of trials.ticks(scenario, seed, policy)) {
    const nowMs = drawn.endMs;
    for (const event of events)
      if (event.atMs < nowMs) items.push({ kind: "event", atMs: event.atMs, event });
    open.push(drawn);
    for (let next = open[0]; next !== undefined && next.settledMs <= nowMs; next = open[0]) {
      open.shift();
      const { tick, endMs, rows } = next;
      items.push({
        kind: "tick",
        atMs: nowMs,
        tick: { rolloutId: rollout.id, tick, endMs, missing: [], rows },
      });
    }
    for (const event of events)
      if (event.atMs >= nowMs) items.push({ kind: "event", atMs: event.atMs, event });
  }
  return items;
}

/** When it moved back; null where it did not. */
function stoppedAtMs(items: readonly RecordedItem[]): number | null {
  for (const item of items) {
    if (
      item.kind === "event" &&
      item.event.type === "moved" &&
      item.event.move.kind === "roll-back"
    )
      return item.atMs;
  }
  return null;
}
