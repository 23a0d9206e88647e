// A rehearsal, and many of them, as one JSON value: what --json answers with, and what the texts are made from.

import { moveText, type Policy } from "@slipway/core";
import type { Course, CourseEnd, Ending, Rehearsal, Scenario } from "@slipway/simulator";
import type { PolicyChoice } from "./policy-choice.ts";

/** One line of the catalogue. */
export type CatalogueEntry = Pick<Scenario, "name" | "about" | "cause" | "expect">;

export function catalogueView(scenarios: readonly Scenario[]): readonly CatalogueEntry[] {
  return scenarios.map(({ name, about, cause, expect }) => ({ name, about, cause, expect }));
}

/** Times in milliseconds from the start; null where it did not happen. */
export type RehearsalView = {
  readonly scenario: string;
  readonly about: string;
  readonly cause: string;
  readonly expect: Ending;
  readonly policy: string;
  /** The recorded traffic that it ran on. */
  readonly traffic: string | null;
  readonly hours: number;
  readonly seed: number;
  readonly asExpected: boolean;
  readonly end: CourseEnd;
  readonly endMs: number;
  readonly allUsersMs: number | null;
  readonly shareMaxPercent: number;
  readonly guard: string | null;
  readonly because: string | null;
  readonly requests: number;
  readonly harmed: number;
  readonly decisions: readonly Told[];
};

/** What it did, or that it began to ask or to page, with its sentence. */
export type Told = {
  readonly atMs: number;
  readonly what: string;
  /** Of the users on the candidate from then on. */
  readonly sharePercent: number;
  readonly because: string;
};

export type Stage = {
  readonly scenario: Scenario;
  readonly choice: PolicyChoice;
  readonly traffic: string | null;
};

export function rehearsalView(stage: Stage, rehearsal: Rehearsal): RehearsalView {
  const { scenario, choice, traffic } = stage;
  const { course, seed, isExpected, last } = rehearsal;
  return {
    scenario: scenario.name,
    about: scenario.about,
    cause: scenario.cause,
    expect: scenario.expect,
    policy: choice.name,
    traffic,
    hours: scenario.traffic.hours,
    seed,
    asExpected: isExpected,
    end: course.end,
    endMs: course.endMs,
    allUsersMs: course.allUsersMs,
    shareMaxPercent: course.shareMax,
    guard: course.by,
    because: last?.text ?? null,
    requests: course.requests,
    harmed: course.harmed,
    decisions: toldOf(rehearsal, choice.policy),
  };
}

function toldOf({ moves, asks }: Rehearsal, policy: Policy): readonly Told[] {
  const moved = moves.map(({ atMs, move, share, because }) => ({
    atMs,
    what: moveText({ move }, policy),
    sharePercent: share,
    because,
  }));
  const shareAt = (ms: number): number => moves.findLast(({ atMs }) => atMs <= ms)?.share ?? 0;
  const asked = asks.map(({ atMs, what, text }) => ({
    atMs,
    what,
    sharePercent: shareAt(atMs),
    because: text,
  }));
  return [...moved, ...asked].sort((a, b) => a.atMs - b.atMs);
}

/** Of so many numbers in order; null for none. */
type Spread = { readonly n: number; readonly median: number; readonly p90: number };

export type SeedsView = {
  readonly scenario: string;
  readonly about: string;
  readonly expect: Ending;
  readonly policy: string;
  readonly traffic: string | null;
  readonly hours: number;
  readonly seeds: number;
  readonly asExpected: number;
  readonly ends: { readonly [end in CourseEnd]: number };
  /** Minutes until it was taken back, and until everybody was on the candidate. */
  readonly rolledBackMinutes: Spread | null;
  readonly allUsersMinutes: Spread | null;
  readonly harmed: Spread | null;
  readonly requests: Spread | null;
  /** How often each guard or check was the reason of a rollback. */
  readonly by: { readonly [guard: string]: number };
  /** Seeds that did not end as expected, to be played by themselves. */
  readonly otherwise: readonly number[];
};

export function seedsView(stage: Stage, rehearsals: readonly Rehearsal[]): SeedsView {
  const { scenario, choice, traffic } = stage;
  const courses = rehearsals.map(({ course }) => course);
  const back = courses.filter(({ end }) => end === "rolled-back");
  const by: { [guard: string]: number } = {};
  for (const course of back) by[course.by ?? "–"] = (by[course.by ?? "–"] ?? 0) + 1;
  return {
    scenario: scenario.name,
    about: scenario.about,
    expect: scenario.expect,
    policy: choice.name,
    traffic,
    hours: scenario.traffic.hours,
    seeds: rehearsals.length,
    asExpected: rehearsals.filter(({ isExpected }) => isExpected).length,
    ends: endsOf(courses),
    rolledBackMinutes: spreadOf(back.map(({ endMs }) => minutesOf(endMs))),
    allUsersMinutes: spreadOf(
      courses.flatMap(({ allUsersMs }) => (allUsersMs === null ? [] : [minutesOf(allUsersMs)])),
    ),
    harmed: spreadOf(courses.map(({ harmed }) => harmed)),
    requests: spreadOf(courses.map(({ requests }) => requests)),
    by,
    otherwise: rehearsals.flatMap(({ seed, isExpected }) => (isExpected ? [] : [seed])),
  };
}

function endsOf(courses: readonly Course[]): SeedsView["ends"] {
  const ended = (end: CourseEnd): number => courses.filter((course) => course.end === end).length;
  return {
    completed: ended("completed"),
    "rolled-back": ended("rolled-back"),
    held: ended("held"),
    unfinished: ended("unfinished"),
  };
}

function minutesOf(ms: number): number {
  return Math.round(ms / 6_000) / 10;
}

function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | undefined =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const [median, p90] = [at(0.5), at(0.9)];
  return median === undefined || p90 === undefined ? null : { n: sorted.length, median, p90 };
}
