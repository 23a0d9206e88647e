// A rehearsal: one course under a policy, with what its observers kept of it, and whether it ended as its scenario says
// that it ought to.
import { type Because, candidateSlotsOf, type Move, type Policy, SLOTS } from "@slipway/core";
import type { Scenario } from "../scenario/scenario.ts";
import type { Course, CourseTick } from "./course.ts";
import { CourseSeries, type SeriesPoint } from "./course-series.ts";
import { endsAs } from "./ending.ts";
import type { Trials } from "./trial.ts";

export type Rehearsal = {
  readonly seed: number;
  readonly course: Course;
  /** As the scenario expects. */
  readonly isExpected: boolean;
  /** What it said last, having moved or not; null where nobody ever decided. */
  readonly last: Because | null;
  readonly moves: readonly RehearsedMove[];
  /** When it began to wait for a person, each time. */
  readonly asks: readonly Ask[];
  readonly series: readonly SeriesPoint[];
};

/** Where a decision took it, and the share of users on the candidate from then on, in percent. */
export type RehearsedMove = {
  readonly atMs: number;
  readonly move: Move;
  readonly share: number;
  readonly because: string;
};

export type Ask = { readonly atMs: number; readonly text: string };

/** Asks beyond these are not kept. */
const ASKS_MAX = 100;

export function rehearse(
  trials: Trials,
  scenario: Scenario,
  seed: number,
  policy: Policy,
): Rehearsal {
  const ticks = rehearsalTicks(trials, scenario, seed, policy);
  for (;;) {
    const next = ticks.next();
    if (next.done === true) return next.value;
  }
}

/** The same tick by tick, for whoever wants to look on. */
export function* rehearsalTicks(
  trials: Trials,
  scenario: Scenario,
  seed: number,
  policy: Policy,
): Generator<CourseTick, Rehearsal> {
  const series = new CourseSeries();
  const moves: RehearsedMove[] = [];
  const asks: Ask[] = [];
  let last: Because | null = null;
  const ticks = trials.ticks(scenario, seed, policy);
  for (;;) {
    const next = ticks.next();
    if (next.done === true) {
      const course = next.value;
      const isExpected = endsAs(scenario.expect, course);
      return { seed, course, isExpected, last, moves, asks, series: series.points };
    }
    const { drawn, judgement } = next.value;
    series.add(next.value);
    moves.push(...movesOf(next.value));
    if (judgement !== null) {
      const { because } = judgement.decision;
      const began = because.code === "ask" && last?.code !== "ask";
      if (began && asks.length < ASKS_MAX) asks.push({ atMs: drawn.endMs, text: because.text });
      last = because;
    }
    yield next.value;
  }
}

function movesOf({ events, rollout }: CourseTick): readonly RehearsedMove[] {
  const { policy } = rollout;
  return events.flatMap((event) => {
    if (event.type !== "moved") return [];
    const { atMs, move, cause } = event;
    const share = (100 * candidateSlotsOf(rollout.phase, policy)) / SLOTS;
    return [{ atMs, move, share, because: cause.because.text }];
  });
}
