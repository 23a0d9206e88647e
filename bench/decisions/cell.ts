// One cell of the benchmark's table: a scenario under a method, over many seeds.
import type { Course, Scenario, Trials } from "@slipway/simulator";
import type { Method } from "./methods.ts";

/** Shares of the seeds; times in minutes, null where fewer seeds than that came to it. */
export type Cell = {
  readonly scenario: string;
  readonly method: string;
  readonly seeds: number;
  readonly rolledBack: number;
  /** Rolled back, or kept from going on, before half of the users were on the candidate. */
  readonly stopped: number;
  readonly completed: number;
  readonly asked: number;
  readonly medianMinutes: number | null;
  readonly p90Minutes: number | null;
  /** Of the candidate's requests, on average: harmed over and above stable's at the same time. */
  readonly harmed: number;
};

const HALF = 50;

export function cellOf(scenario: Scenario, method: Method, trials: Trials, seeds: number): Cell {
  const decider = method.decider(scenario, trials);
  const courses: Course[] = [];
  for (let seed = 1; seed <= seeds; seed++) courses.push(trials.course(scenario, seed, decider));
  const share = (is: (course: Course) => boolean): number => courses.filter(is).length / seeds;
  const minutes = courses
    .flatMap((course) => timeOf(course, scenario.expect === "completed"))
    .map((ms) => ms / 60_000)
    .sort((a, b) => a - b);
  return {
    scenario: scenario.name,
    method: method.name,
    seeds,
    rolledBack: share(({ end }) => end === "rolled-back"),
    stopped: share(isStopped),
    completed: share(({ end }) => end === "completed"),
    asked: share(({ asked }) => asked),
    medianMinutes: quantileOf(minutes, 0.5, seeds),
    p90Minutes: quantileOf(minutes, 0.9, seeds),
    harmed: courses.reduce((sum, { harmed }) => sum + harmed, 0) / seeds,
  };
}

function isStopped({ end, shareMax }: Course): boolean {
  return end !== "completed" && shareMax < HALF;
}

/** Of a healthy version: until everybody had it. Of a harmful one: until it was taken back. */
function timeOf({ end, endMs, allUsersMs }: Course, isHealthy: boolean): readonly number[] {
  if (isHealthy) return allUsersMs === null || end === "rolled-back" ? [] : [allUsersMs];
  return end === "rolled-back" ? [endMs] : [];
}

/** What never came counts as the longest. */
function quantileOf(sorted: readonly number[], share: number, of: number): number | null {
  const value = sorted[Math.floor(share * of)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
