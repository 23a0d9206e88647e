// The charts of a course: traffic, latency and errors of both arms, and each guard's evidence against what it needs.

import { durationText, isSequential, type Policy, percentText } from "@slipway/core";
import type { Band, Chart, ChartLine, Mark } from "./chart.ts";
import type { Figures } from "./figures.ts";
import { linearScale, logScale } from "./scale.ts";

export type Course = {
  readonly figures: readonly Figures[];
  readonly untilMs: number;
  readonly bands: readonly Band[];
  readonly marks: readonly Mark[];
  readonly policy: Policy;
};

type Arm = "stable" | "candidate";
type Common = Pick<Chart, "untilMs" | "bands" | "marks" | "level" | "height">;

const HEIGHT = 240;
const GUARD_HEIGHT = 130;
const MARKS = 5;
/** Above the highest value, so that a line does not touch the top. */
const ROOM = 1.08;
/** Evidence far beyond what is needed is cut, or what is needed would lie on the floor. */
const BEYOND = 2;
/** Evidence of 1, but for rounding. */
const NOTHING = 1e-3;
/** Below nothing, so that a line along it is seen. */
const FLOOR = 0.25;

export function trafficChart(course: Course): Chart {
  const of = (arm: Arm) => (one: Figures) => one[arm].perMinute;
  return {
    ...commonOf(course),
    ...linearFrom(course, [of("stable"), of("candidate")], 1),
    id: "traffic",
    title: "Requests a minute",
    description: "Requests a minute of stable and of the candidate over the time of the rollout.",
    valueText: (value) => value.toLocaleString("en-US"),
    lines: [line(course, "stable", of("stable")), line(course, "candidate", of("candidate"))],
  };
}

export function errorChart(course: Course): Chart {
  const of = (arm: Arm) => (one: Figures) => one[arm].errorShare;
  return {
    ...commonOf(course),
    ...linearFrom(course, [of("stable"), of("candidate")], 0.01),
    id: "errors",
    title: "Share of requests that failed",
    description: "Share of failed requests of stable and of the candidate over time.",
    valueText: percentText,
    lines: [line(course, "stable", of("stable")), line(course, "candidate", of("candidate"))],
  };
}

export function latencyChart(course: Course): Chart {
  const p50 = (arm: Arm) => (one: Figures) => one[arm].p50Ms;
  const p99 = (arm: Arm) => (one: Figures) => one[arm].p99Ms;
  const values = course.figures.flatMap((one) =>
    [p50("stable"), p50("candidate"), p99("stable"), p99("candidate")].flatMap(
      (of) => of(one) ?? [],
    ),
  );
  const domain = { from: Math.min(100, ...values) / ROOM, to: Math.max(1_000, ...values) * ROOM };
  return {
    ...commonOf(course),
    id: "latency",
    title: "Latency of whole answers",
    description:
      "P50 and P99 latency of stable and of the candidate over time, on a logarithmic scale.",
    scale: (range) => logScale(domain, range),
    valueText: durationText,
    lines: [
      line(course, "stable median", p50("stable"), "P50 of stable"),
      line(course, "candidate median", p50("candidate"), "P50 of the candidate"),
      line(course, "stable", p99("stable"), "P99 of stable"),
      line(course, "candidate", p99("candidate"), "P99 of the candidate"),
    ],
  };
}

/** One for each guard that ever had anything to say. Evidence in powers of ten. */
export function guardCharts(course: Course): readonly Chart[] {
  return course.policy.guards.flatMap((guard, index) => {
    const said = course.figures.flatMap(({ guards }) => guards[guard.id] ?? []);
    const limit = said.at(-1)?.limit;
    const spoke = said.some(({ value }) => Math.abs(value ?? 0) > NOTHING);
    if (limit === undefined || !spoke) return [];
    const unit = isSequential(guard) ? Math.LN10 : 1;
    const level = limit / unit;
    const top = level * BEYOND;
    const lowest = Math.min(-FLOOR * level, ...said.map(({ value }) => (value ?? 0) / unit));
    const domain = { from: Math.max(lowest, -top), to: top };
    return [
      {
        ...commonOf(course),
        id: `guard-${index}`,
        title: guard.id,
        description: isSequential(guard)
          ? `Evidence of harm by ${guard.id} over time; at the dashed line it is an alarm.`
          : `What ${guard.id} measured over time; above the dashed line it breaks.`,
        height: GUARD_HEIGHT,
        marks: [],
        level: { value: level, name: isSequential(guard) ? "alarm" : "limit" },
        scale: (range) => linearScale(domain, range, 3),
        valueText: isSequential(guard) ? powerText : (value) => String(Number(value.toFixed(3))),
        lines: [
          line(
            course,
            "candidate",
            ({ guards }) => {
              const value = guards[guard.id]?.value ?? null;
              return value === null ? null : value / unit;
            },
            guard.id,
          ),
        ],
      },
    ];
  });
}

/** Guards that had nothing to compare all along. */
export function silentGuards(course: Course): readonly string[] {
  const drawn = new Set(guardCharts(course).map(({ title }) => title));
  return course.policy.guards.flatMap(({ id }) => (drawn.has(id) ? [] : [id]));
}

function powerText(tens: number): string {
  const power = Number(tens.toFixed(1));
  if (power === 0) return "1";
  if (!Number.isInteger(power)) return `10^${power}`;
  return power > 0 && power < 4 ? (10 ** power).toLocaleString("en-US") : `10^${power}`;
}

function commonOf({ untilMs, bands, marks }: Course): Common {
  return { untilMs, bands, marks, level: null, height: HEIGHT };
}

/** From zero to what the highest line needs. */
function linearFrom(
  { figures }: Course,
  lines: readonly ((one: Figures) => number | null)[],
  atLeast: number,
): Pick<Chart, "scale"> {
  const values = figures.flatMap((one) => lines.flatMap((of) => of(one) ?? []));
  const domain = { from: 0, to: Math.max(atLeast, ...values) * ROOM };
  return { scale: (range) => linearScale(domain, range, MARKS) };
}

function line(
  { figures }: Course,
  look: string,
  of: (one: Figures) => number | null,
  name: string = look,
): ChartLine {
  const points = figures.map((one) => ({ atMs: (one.fromMs + one.untilMs) / 2, value: of(one) }));
  return { name, look, points };
}
