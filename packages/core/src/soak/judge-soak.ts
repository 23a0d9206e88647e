// The soak gate's verdict: what a steady load does to latency and to the server's memory over time. Of the whole only the
// last half is tested: what has just been started grows for a while and stops.

import type { Figure, GateResult } from "../preflight/gate.ts";
import { durationText } from "../quantity.ts";
import { type Growth, growthOf, latest } from "../trends/growth.ts";

export type SoakSample = { readonly atMs: number; readonly value: number };

/** What is watched for growth. */
export type SoakSeries = {
  readonly name: string;
  readonly unit: "MiB" | "ms";
  /** Of each slot: the lowest, where garbage is collected now and then; the median, where values scatter. */
  readonly by: "lowest" | "median";
  readonly samples: readonly SoakSample[];
  /** What it must not come to; a multiple of what it is, where nobody said. */
  readonly limit: number | { readonly times: number };
};

export type SoakQuestion = {
  /** How long a server has to live. */
  readonly uptimeMs: number;
  /** Chance that a soak fails although nothing grows, over all its series. */
  readonly falseAlarmMax: number;
  readonly lengthMs: number;
};

/** Of the whole soak; the last half of them is tested. */
const SLOTS = 24;
/** Fewer points than this cannot be sure of any growth. */
const POINTS_MIN = 8;
const HOUR_MS = 3_600_000;

export type SoakJudgement = Pick<GateResult, "outcome" | "because" | "figures">;

type Looked = {
  readonly series: SoakSeries;
  readonly limit: number;
  /** Null where there were too few points. */
  readonly growth: Growth | null;
};

export function judgeSoak(all: readonly SoakSeries[], question: SoakQuestion): SoakJudgement {
  const logNeeded = Math.log(question.falseAlarmMax / Math.max(1, all.length));
  const looked = all.map((series) => lookedAt(series, question, logNeeded));
  return { ...decided(looked, question), figures: looked.flatMap(figuresOf) };
}

function lookedAt(series: SoakSeries, question: SoakQuestion, logNeeded: number): Looked {
  const points = pointsOf(series, question.lengthMs);
  const now = latest(points.map(({ y }) => y));
  const limit = typeof series.limit === "number" ? series.limit : series.limit.times * now;
  const bounds = { logNeeded, limit, uptimeMs: question.uptimeMs };
  return { series, limit, growth: points.length < POINTS_MIN ? null : growthOf(points, bounds) };
}

function pointsOf(
  { samples, by }: SoakSeries,
  lengthMs: number,
): readonly { readonly x: number; readonly y: number }[] {
  const slotMs = lengthMs / SLOTS;
  const slots = Map.groupBy(samples, ({ atMs }) => Math.floor(atMs / slotMs));
  return [...slots]
    .filter(([slot]) => slot >= SLOTS / 2 && slot < SLOTS)
    .sort(([a], [b]) => a - b)
    .map(([slot, own]) => {
      const values = own.map(({ value }) => value).sort((a, b) => a - b);
      const at = by === "lowest" ? 0 : (values.length - 1) >> 1;
      return { x: (slot * slotMs) / HOUR_MS, y: values[at] ?? 0 };
    });
}

function decided(
  looked: readonly Looked[],
  question: SoakQuestion,
): Pick<SoakJudgement, "outcome" | "because"> {
  const broken = looked.find(({ growth }) => growth?.isBroken === true);
  if (broken !== undefined) return { outcome: "fail", because: brokenText(broken, question) };
  const over = looked.find(isOver);
  if (over !== undefined) return { outcome: "fail", because: overText(over) };
  const blind = looked.find(({ growth }) => growth === null);
  if (blind !== undefined || looked.length === 0) {
    const name = blind?.series.name ?? "anything";
    const because = `${name} was measured in too few parts of the soak to tell whether it grows`;
    return { outcome: "inconclusive", because };
  }
  const unseen = looked.find((one) => mayRunOut(one, question));
  if (unseen !== undefined) {
    return { outcome: "inconclusive", because: unseenText(unseen, question) };
  }
  const texts = looked.map(
    ({ series, growth }) => `${series.name} (${seenText(growth?.seen ?? null, series)})`,
  );
  const held = durationText(question.lengthMs);
  return { outcome: "pass", because: `no growth in ${held} of load: ${texts.join(", ")}` };
}

function brokenText({ series, growth, limit }: Looked, { uptimeMs }: SoakQuestion): string {
  const { slope = 0, current = 0, exhaustionMs = null } = growth ?? {};
  const when = exhaustionMs === null ? "never" : durationText(exhaustionMs);
  return `${series.name} grows by ${text(slope, series)} an hour: from ${text(current, series)} to its limit of ${text(limit, series)} in ${when} at the earliest, and ${durationText(uptimeMs)} are asked for`;
}

/** Of a limit that somebody wrote: what is there already needs no growth. */
function isOver({ series, growth, limit }: Looked): boolean {
  return typeof series.limit === "number" && growth !== null && growth.current >= limit;
}

function overText({ series, growth, limit }: Looked): string {
  return `${series.name} is ${text(growth?.current ?? 0, series)} under this load, and its limit is ${text(limit, series)}`;
}

/**
 * Whether growth that would not have shown comes to the limit in time. Of memory alone: it ends everything at once, while
 * latency that grows is seen by whoever watches it.
 */
function mayRunOut({ series, growth, limit }: Looked, { uptimeMs }: SoakQuestion): boolean {
  if (series.unit !== "MiB" || growth === null) return false;
  const { seen, current } = growth;
  return seen === null || current + (seen * uptimeMs) / HOUR_MS >= limit;
}

function unseenText({ series, growth, limit }: Looked, question: SoakQuestion): string {
  const { seen = null, current = 0 } = growth ?? {};
  const mend = "hold the load longer, or ask for less uptime";
  const held = durationText(question.lengthMs);
  if (seen === null)
    return `${held} of load are too short to see any growth of ${series.name}: ${mend}`;
  const left = durationText((Math.max(0, limit - current) / seen) * HOUR_MS);
  return `no growth in ${held} of load, but ${text(seen, series)} an hour of ${series.name} need not have shown, and reach its limit of ${text(limit, series)} in ${left}, while ${durationText(question.uptimeMs)} are asked for: ${mend}`;
}

function seenText(seen: number | null, series: SoakSeries): string {
  return seen === null ? "too short to see any" : `${text(seen, series)} an hour would have shown`;
}

function text(value: number, { unit }: SoakSeries): string {
  return unit === "ms" ? durationText(value) : `${Number(value.toPrecision(3))} MiB`;
}

function figuresOf({ series, growth, limit }: Looked): readonly Figure[] {
  const plain = { interval: null, limit: null, holds: null, of: null } as const;
  const samples: Figure = {
    ...plain,
    name: `${series.name}, samples`,
    value: series.samples.length,
    unit: "",
  };
  if (growth === null) return [samples];
  const { slope, low, high, seen, current } = growth;
  return [
    {
      ...plain,
      name: `growth of ${series.name}`,
      value: slope,
      unit: `${series.unit}/h`,
      interval: low === null || high === null ? null : [low, high],
      holds: !growth.isBroken,
    },
    {
      ...plain,
      name: series.name,
      value: current,
      unit: series.unit,
      limit,
      holds: current < limit,
    },
    ...(seen === null
      ? []
      : [
          {
            ...plain,
            name: `smallest growth of ${series.name} that would have shown`,
            value: seen,
            unit: `${series.unit}/h`,
          },
        ]),
    samples,
  ];
}
