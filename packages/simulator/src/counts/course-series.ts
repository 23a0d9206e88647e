// A course over time in at most so many points, however long it was: when they are full, two and two become one.
import {
  badOf,
  countedOf,
  emptyHistogram,
  type Histogram,
  mergeInto,
  type ServingArm,
  type Verdict,
} from "@slipway/core";
import type { CountTick } from "./count-world.ts";
import type { CourseTick } from "./course.ts";

/** Even, so that they pair up. */
export const SERIES_POINTS_MAX = 600;

export type ArmPoint = {
  requests: number;
  harmed: number;
  /** Reported requests that say something about the version, and those of them that failed. */
  counted: number;
  bad: number;
  readonly latency: Histogram;
};

/** What a guard said last in it. */
export type GuardPoint = {
  readonly status: Verdict["status"];
  /** Log of the e-value, and what it needs for an alarm; a threshold has what it measured, and its limit. */
  readonly value: number | null;
  readonly limit: number;
};

export type SeriesPoint = {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of the users on the candidate, in percent, at its end. */
  readonly share: number;
  readonly arms: { readonly [arm in ServingArm]: ArmPoint };
  /** By the guard's id; none while nobody decides. */
  readonly guards: { readonly [guard: string]: GuardPoint };
};

type Seen = Pick<CourseTick, "drawn" | "share" | "judgement">;

export class CourseSeries {
  #points: SeriesPoint[] = [];
  #ticksPerPoint = 1;
  #ticks = 0;

  add({ drawn, share, judgement }: Seen): void {
    const point: SeriesPoint = {
      fromMs: this.#points.at(-1)?.untilMs ?? 0,
      untilMs: drawn.endMs,
      share,
      arms: { stable: armOf(drawn, "stable"), candidate: armOf(drawn, "candidate") },
      guards: guardsOf(judgement?.verdicts ?? []),
    };
    const last = this.#points.at(-1);
    if (this.#ticks++ % this.#ticksPerPoint !== 0 && last !== undefined) {
      this.#points[this.#points.length - 1] = joined(last, point);
      return;
    }
    if (this.#points.length === SERIES_POINTS_MAX) this.#halve();
    this.#points.push(point);
  }

  get points(): readonly SeriesPoint[] {
    return this.#points;
  }

  #halve(): void {
    const halved: SeriesPoint[] = [];
    for (let index = 0; index < this.#points.length; index += 2) {
      const [first, second] = this.#points.slice(index, index + 2);
      if (first !== undefined && second !== undefined) halved.push(joined(first, second));
    }
    this.#points = halved;
    this.#ticksPerPoint *= 2;
  }
}

function armOf({ rows, counts }: CountTick, arm: ServingArm): ArmPoint {
  const latency = emptyHistogram();
  const point = { ...counts[arm], counted: 0, bad: 0, latency };
  for (const row of rows) {
    if (row.arm !== arm) continue;
    point.counted += countedOf(row);
    point.bad += badOf(row);
    mergeInto(latency, row.latency.total);
  }
  return point;
}

function guardsOf(verdicts: readonly Verdict[]): SeriesPoint["guards"] {
  return Object.fromEntries(
    verdicts.map(({ guard, status, finding, measured, limit }) => [
      guard,
      finding === undefined
        ? { status, value: measured, limit }
        : { status, value: finding.logE, limit: finding.logNeeded },
    ]),
  );
}

/** `first` takes the requests of `second`; what is said last counts. */
function joined(first: SeriesPoint, second: SeriesPoint): SeriesPoint {
  for (const arm of ["stable", "candidate"] as const) addArm(first.arms[arm], second.arms[arm]);
  const { arms, fromMs } = first;
  return { ...second, fromMs, arms, guards: { ...first.guards, ...second.guards } };
}

function addArm(target: ArmPoint, source: ArmPoint): void {
  target.requests += source.requests;
  target.harmed += source.harmed;
  target.counted += source.counted;
  target.bad += source.bad;
  mergeInto(target.latency, source.latency);
}
