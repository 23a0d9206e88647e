// One cell of the benchmark's table: a scenario under a method, over many seeds.
import { createHash } from "node:crypto";
import { type Course, endsAs, isStopped, type Scenario, type Trials } from "@slipway/simulator";
import type { Method } from "./methods.ts";

/** Shares of the seeds; times in minutes, null where fewer seeds than that came to it. */
export type Cell = {
  readonly scenario: string;
  /** Of the scenario: a cell of one that was changed since says nothing any more. */
  readonly sha256: string;
  readonly method: string;
  readonly seeds: number;
  readonly rolledBack: number;
  /** Rolled back, or kept from going on, before half of the users were on the candidate. */
  readonly stopped: number;
  readonly completed: number;
  /** Whether to go on was left to a person at some time, or to the end by a guard that blocks. */
  readonly asked: number;
  /** Ended as the scenario expects. */
  readonly asExpected: number;
  readonly medianMinutes: number | null;
  readonly p90Minutes: number | null;
  /** Of the candidate's requests, on average: harmed over and above stable's at the same time. */
  readonly harmed: number;
};

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
    sha256: shaOf(scenario),
    method: method.name,
    seeds,
    rolledBack: share(({ end }) => end === "rolled-back"),
    stopped: share(isStopped),
    completed: share(({ end }) => end === "completed"),
    asked: share(isAsked),
    asExpected: share((course) => endsAs(scenario.expect, course)),
    medianMinutes: quantileOf(minutes, 0.5, seeds),
    p90Minutes: quantileOf(minutes, 0.9, seeds),
    harmed: courses.reduce((sum, { harmed }) => sum + harmed, 0) / seeds,
  };
}

function isAsked({ asked, end }: Course): boolean {
  return asked || end === "held";
}

const SHA_DIGITS = 16;

export function shaOf(scenario: Scenario): string {
  return createHash("sha256").update(JSON.stringify(scenario)).digest("hex").slice(0, SHA_DIGITS);
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
