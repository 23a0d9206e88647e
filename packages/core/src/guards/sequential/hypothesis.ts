// The ratios that a sequential guard gathers evidence about: its limit, the margins of the stages, and a grid
// between them from which the interval is read. Where a guard has an absolute limit, they are parts of that.

import type { Policy } from "../../policy.ts";
import type { Place } from "../../rollout/phase.ts";
import type { SequentialGuard } from "../guard.ts";

/** How far beyond its limit a guard must exclude harm before a stage may be left, as parts of the first stage's. */
const MARGIN_PARTS: readonly number[] = [1, 0.5, 0.25];
/** Completing moves those who are held back, as few as the first stage has, and what the stages excluded stays excluded. */
const BAKE_PART = 1;

/** Four ratios an octave, from a quarter to eight. */
const GRID: readonly number[] = Array.from({ length: 21 }, (_, index) => 2 ** (index / 4 - 2));

/** The ratio that breaks a guard. */
export function ratioMaxOf({ comparison }: SequentialGuard): number {
  return comparison.kind === "ratio" ? comparison.ratioMax : 1;
}

/** A difference below it breaks nothing; 0 for none. */
export function differenceMinOf({ comparison }: SequentialGuard): number {
  return comparison.kind === "ratio" ? comparison.differenceMin : 0;
}

/**
 * A stage is left forwards on evidence that the ratio lies below this: 2, 1.5, then 1.25, in proportion more for a
 * guard that allows more than 2; bake on the first one's. An absolute limit has no margin.
 */
export function marginOf(guard: SequentialGuard, place: Place): number {
  if (guard.comparison.kind === "limit") return 1;
  const last = MARGIN_PARTS.length - 1;
  const part = place === "bake" ? BAKE_PART : (MARGIN_PARTS[Math.min(place, last)] ?? 0);
  return 1 + Math.max(1, ratioMaxOf(guard) - 1) * part;
}

/** The stage of 100% is left for bake without anybody moving: what holds for bake is enough. */
export function marginPlaceOf(place: Place, { stages }: Pick<Policy, "stages">): Place {
  return place !== "bake" && (stages[place]?.percent ?? 0) >= 100 ? "bake" : place;
}

/** Ascending; the same for every look at a guard, so that evidence can be kept by place. */
export function hypothesesOf(guard: SequentialGuard): readonly number[] {
  const known = HYPOTHESES.get(guard) ?? hypothesesFor(guard);
  HYPOTHESES.set(guard, known);
  return known;
}

const HYPOTHESES = new WeakMap<SequentialGuard, readonly number[]>();

function hypothesesFor(guard: SequentialGuard): readonly number[] {
  const margins = MARGIN_PARTS.map((_, stage) => marginOf(guard, stage));
  return [...new Set([...GRID, ...margins, ratioMaxOf(guard)])].sort((a, b) => a - b);
}

/**
 * A guard of events compares rates, so the hypothesis is their ratio. A latency guard scales the candidate's latencies
 * by the hypothesis, and compares how often either arm is slower than one limit.
 */
export function testedRatio({ metric }: SequentialGuard, hypothesis: number): number {
  return metric.kind === "latency" ? 1 : hypothesis;
}
