// A rehearsal: one course under a policy, with what its observers kept of it, and whether it ended as its scenario says
// that it ought to.
import {
  type Because,
  candidateSlotsOf,
  type Move,
  type Policy,
  questionIn,
  SLOTS,
} from "@slipway/core";
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
  /** When a person would be told that it waits for one, of each reason once a stage, or be paged. */
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

export type Ask = {
  readonly atMs: number;
  readonly what: "asks" | "pages";
  readonly text: string;
};

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
  const asked = new Asked();
  let last: Because | null = null;
  const ticks = trials.ticks(scenario, seed, policy);
  for (;;) {
    const next = ticks.next();
    if (next.done === true) {
      const course = next.value;
      const isExpected = endsAs(scenario.expect, course);
      const { asks } = asked;
      return { seed, course, isExpected, last, moves, asks, series: series.points };
    }
    const { drawn, judgement } = next.value;
    series.add(next.value);
    const moved = movesOf(next.value);
    moves.push(...moved);
    if (moved.length > 0) asked.moved();
    if (judgement !== null) {
      const { decision } = judgement;
      last = decision.because;
      if (decision.kind === "hold") asked.held(last, drawn.endMs);
    }
    yield next.value;
  }
}

/** As notices are: what a person was asked for once is not asked again until the rollout has moved; a page may open again. */
class Asked {
  readonly asks: Ask[] = [];
  readonly #questions = new Set<string>();
  #isPaging = false;

  held(because: Because, atMs: number): void {
    const { page = false, text } = because;
    if (page && !this.#isPaging) this.#add({ atMs, what: "pages", text });
    this.#isPaging = page;
    const question = questionIn(because);
    if (question === null || this.#questions.has(question)) return;
    this.#questions.add(question);
    this.#add({ atMs, what: "asks", text });
  }

  moved(): void {
    this.#questions.clear();
    this.#isPaging = false;
  }

  #add(ask: Ask): void {
    if (this.asks.length < ASKS_MAX) this.asks.push(ask);
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
