// Whether stable is still as good as it was before the candidate last got more users. The other guards compare the arms
// with each other, and so cannot see what both suffer: a pool that the candidate uses up, or something both need that
// is down. Here stable is held against its own past.
//
// A test that may be looked at after every tick: the Poisson likelihood ratio of each tick's counts against the upper
// 99% bound of the level's rate and a margin beyond it, as a mixture that starts anew at every tick; stable is worse
// at 1,000 to 1. It is back where the reversed ratio, from its lowest point on, has reached 20.

import {
  binsOfFactor,
  countAbove,
  countOf,
  emptyHistogram,
  type Histogram,
  mergeInto,
  quantileBin,
} from "../histogram.ts";
import { candidateSlotsOf } from "../rollout/phase.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { SLOTS } from "../slots.ts";
import { logMean } from "../statistics/log-space.ts";
import { overdispersion } from "../statistics/overdispersion.ts";
import { RATES_BELOW, rateLogE, rateUpper } from "../statistics/rate-e.ts";
import { RATIO_LOG_WEIGHTS, RATIOS_ABOVE } from "../statistics/ratio-e.ts";
import { newStakes, nextStakes, stakesLogE } from "../statistics/restart-mixture.ts";
import { armLatency, rowsThat } from "./arm-latency.ts";
import { badOf, countedOf, type EvidenceRow, isCompared, KEY_BUCKETS } from "./row.ts";
import type { Tick } from "./tick.ts";

/** What stable did over some ticks. JSON as it stands. */
export type StableSum = {
  readonly counted: number;
  readonly bad: number;
  /** Of the bad ones, those that were refused for a limit. */
  readonly limited: number;
  readonly latency: Histogram;
  readonly buckets: { readonly arrivals: readonly number[]; readonly bad: readonly number[] };
};

export const STABLE_MEASURES = ["errors", "limits", "latency"] as const;
/** `limits`: the share refused for a limit, by an upstream or for want of a slot or of quota. */
export type StableMeasure = (typeof STABLE_MEASURES)[number];

/** One measure's test since the candidate last got more users, or since stable was last back. */
export type StableWatch = {
  readonly ticks: number;
  readonly stakes: readonly number[];
  /** Whether stable is worse than its level. */
  readonly worse: boolean;
  /** While it is worse: log e-values that it is back, by alternative. */
  readonly back: readonly number[];
  /** The newest requests, older ones counting less and less. */
  readonly lately: { readonly n: number; readonly bad: number };
};

export type StableLevel = {
  /** The stage that is watched: the number of the table that began it. */
  readonly since: number;
  readonly slots: number;
  /** Stable as it should be; null until there is enough of it. */
  readonly level: StableSum | null;
  /** Whether that is from before the candidate got more users, and nothing has been taken back since. */
  readonly isBefore: boolean;
  /** What stable did in this stage while it was not worse: the next stage's level, a block a minute, oldest first. */
  readonly blocks: readonly { readonly startMs: number; readonly sum: StableSum }[];
  readonly watches: { readonly [measure in StableMeasure]: StableWatch };
};

const BLOCK_MS = 60_000;
const BLOCKS_MAX = 10;
/** Requests without which there is no level. */
const LEVEL_REQUESTS_MIN = 100;
/** The chance that a watch ever calls a stable worse that is within its margin. */
const FALSE_ALARM_MAX = 0.001;
/** A stable that is as bad as ever is called back after so many ticks on average, at the least. */
const BACK_TICKS = 20;
/** Errors and refusals: at least so many times as often, and by at least this share of requests. */
const RATE_RATIO = 2;
const RATE_DIFFERENCE = 0.01;
/** P99 latency: a load that swings by half up and down makes a factor of three by itself. */
const LATENCY_QUANTILE = 0.99;
const LATENCY_RATIO = 3;
/** What a tick before counts for in `lately`. */
const FADING = 0.8;

const FRESH: StableWatch = {
  ticks: 0,
  stakes: newStakes(RATIOS_ABOVE.length, 0, 1),
  worse: false,
  back: RATES_BELOW.map(() => 0),
  lately: { n: 0, bad: 0 },
};
const NOT_WATCHED: StableLevel["watches"] = { errors: FRESH, limits: FRESH, latency: FRESH };

export function noStableLevel(stageTable: number): StableLevel {
  return {
    since: stageTable,
    slots: 0,
    level: null,
    isBefore: false,
    blocks: [],
    watches: NOT_WATCHED,
  };
}

/** After one more tick. `planned`: ticks that the longest rollout takes. */
export function watchStable(
  known: StableLevel,
  rollout: Rollout,
  tick: Tick,
  planned: number,
): StableLevel {
  const slots = candidateSlotsOf(rollout.phase, rollout.policy);
  const before =
    known.since === rollout.stageTable ? known : changed(known, rollout.stageTable, slots);
  // Stable has no users any more.
  if (slots === SLOTS) return { ...before, watches: NOT_WATCHED };
  const rows = rowsThat(tick.rows, (row) => row.table >= before.since && isCompared(row));
  const sum = sumOfRows(rows);
  const level = before.level ?? levelOf(before.blocks);
  const isPartial = tick.missing.length > 0;
  const watches =
    level === null ? before.watches : watched(before.watches, level, sum, { isPartial, planned });
  const startMs = tick.endMs - rollout.policy.evidence.tickMs;
  const blocks = worseOf(watches).length > 0 ? before.blocks : withSum(before.blocks, sum, startMs);
  return { ...before, level, watches, blocks };
}

/** By which measures stable is worse than its level. */
export function worseOf(watches: StableLevel["watches"]): readonly StableMeasure[] {
  return STABLE_MEASURES.filter((measure) => watches[measure].worse);
}

/** The share of requests that a measure counts, at the level. */
export function levelRate(level: StableSum, measure: StableMeasure): number {
  const { n, bad } = countsOf(level, measure, edgeOf(level));
  return n === 0 ? 0 : bad / n;
}

/**
 * The candidate's share has changed. Where it grew, what stable did until then is the level; where it shrank the old one
 * still is, and what happens from now on is not for more users on the candidate.
 */
function changed(known: StableLevel, since: number, slots: number): StableLevel {
  const grew = slots > known.slots;
  const level = (grew ? levelOf(known.blocks) : null) ?? known.level;
  const isBefore = grew && level !== null;
  return { since, slots, level, isBefore, blocks: [], watches: NOT_WATCHED };
}

function levelOf(blocks: StableLevel["blocks"]): StableSum | null {
  const sum = blocks.reduce((total, block) => plus(total, block.sum), emptySum());
  return sum.counted < LEVEL_REQUESTS_MIN ? null : sum;
}

function withSum(
  blocks: StableLevel["blocks"],
  sum: StableSum,
  startMs: number,
): StableLevel["blocks"] {
  const last = blocks.at(-1);
  if (last === undefined || startMs >= last.startMs + BLOCK_MS) {
    return [...blocks, { startMs, sum }].slice(-BLOCKS_MAX);
  }
  return [...blocks.slice(0, -1), { startMs: last.startMs, sum: plus(last.sum, sum) }];
}

type Watching = { readonly isPartial: boolean; readonly planned: number };

function watched(
  watches: StableLevel["watches"],
  level: StableSum,
  sum: StableSum,
  watching: Watching,
): StableLevel["watches"] {
  const edge = edgeOf(level);
  const temper = overdispersion(level.buckets);
  const one = (measure: StableMeasure): StableWatch => {
    const slow = measure === "latency";
    const tick = countsOf(sum, measure, slow ? edge + binsOfFactor(LATENCY_RATIO) : edge);
    const rate = testedRate(countsOf(level, measure, edge), slow);
    return nextWatch(watches[measure], tick, rate, { ...watching, temper: slow ? 1 : temper });
  };
  return { errors: one("errors"), limits: one("limits"), latency: one("latency") };
}

type Counts = { readonly n: number; readonly bad: number };

/** `edge`: a bin; slower counts as bad. */
function countsOf(sum: StableSum, measure: StableMeasure, edge: number): Counts {
  switch (measure) {
    case "errors":
      return { n: sum.counted, bad: sum.bad };
    case "limits":
      return { n: sum.counted, bad: sum.limited };
    case "latency":
      return { n: countOf(sum.latency), bad: countAbove(sum.latency, edge) };
  }
}

/** Without latencies, or with a level that is over every limit, nothing is slower than the edge. */
function edgeOf({ latency }: StableSum): number {
  return quantileBin(latency, LATENCY_QUANTILE) ?? Number.MAX_SAFE_INTEGER;
}

/** The highest rate that is no harm. A latency's margin is in its edge. */
function testedRate(level: Counts, slow: boolean): number {
  if (level.n === 0) return 1;
  const upper = rateUpper(level);
  return Math.min(1, slow ? upper : Math.max(RATE_RATIO * upper, upper + RATE_DIFFERENCE));
}

function nextWatch(
  watch: StableWatch,
  tick: Counts,
  rate: number,
  { isPartial, planned, temper }: Watching & { readonly temper: number },
): StableWatch {
  if (tick.n === 0) return watch;
  const lately = {
    n: watch.lately.n * FADING + tick.n,
    bad: watch.lately.bad * FADING + tick.bad,
  };
  if (watch.worse) {
    if (isPartial) return { ...watch, lately };
    const back = RATES_BELOW.map(
      (factor, index) =>
        Math.max(0, watch.back[index] ?? 0) + rateLogE(tick, rate, factor) / temper,
    );
    return logMean(back) >= Math.log(BACK_TICKS)
      ? { ...FRESH, lately }
      : { ...watch, back, lately };
  }
  const logE = RATIOS_ABOVE.map((factor) => rateLogE(tick, rate, factor) / temper);
  const stakes = nextStakes(watch.stakes, logE, watch.ticks, planned);
  const ticks = watch.ticks + 1;
  const worse =
    stakesLogE(stakes, RATIO_LOG_WEIGHTS, ticks, planned) >= Math.log(1 / FALSE_ALARM_MAX);
  return { ...FRESH, ticks, stakes, worse, lately };
}

function emptySum(): StableSum {
  const zeros = (): number[] => new Array<number>(KEY_BUCKETS).fill(0);
  return {
    counted: 0,
    bad: 0,
    limited: 0,
    latency: emptyHistogram(),
    buckets: { arrivals: zeros(), bad: zeros() },
  };
}

function sumOfRows(rows: readonly EvidenceRow[]): StableSum {
  const arrivals = new Array<number>(KEY_BUCKETS).fill(0);
  const badIn = arrivals.slice();
  let [counted, bad, limited] = [0, 0, 0];
  for (const row of rows) {
    if (row.arm !== "stable") continue;
    counted += countedOf(row);
    bad += badOf(row);
    limited += row.outcomes.rate_limited ?? 0;
    addCounts(arrivals, row.buckets.arrivals);
    addCounts(badIn, row.buckets.bad);
  }
  const latency = armLatency(rows, "stable", "total");
  return { counted, bad, limited, latency, buckets: { arrivals, bad: badIn } };
}

function addCounts(sums: number[], counts: readonly number[]): void {
  for (let bucket = 0; bucket < KEY_BUCKETS; bucket++) {
    sums[bucket] = (sums[bucket] ?? 0) + (counts[bucket] ?? 0);
  }
}

function plus(a: StableSum, b: StableSum): StableSum {
  const latency = emptyHistogram();
  mergeInto(latency, a.latency);
  mergeInto(latency, b.latency);
  const added = (one: readonly number[], other: readonly number[]): number[] =>
    one.map((count, index) => count + (other[index] ?? 0));
  return {
    counted: a.counted + b.counted,
    bad: a.bad + b.bad,
    limited: a.limited + b.limited,
    latency,
    buckets: {
      arrivals: added(a.buckets.arrivals, b.buckets.arrivals),
      bad: added(a.buckets.bad, b.buckets.bad),
    },
  };
}
