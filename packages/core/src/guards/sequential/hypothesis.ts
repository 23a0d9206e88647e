// The ratios that a sequential guard gathers evidence about: its limit, the margins of the stages, and a grid
// between them from which the interval is read.

import type { SequentialGuard } from "../../policy.ts";
import type { Place } from "../../rollout/rollout.ts";
import { RATIOS_ABOVE } from "../../statistics/ratio-e.ts";

/** How far beyond its limit a guard must exclude harm before a stage may be left, as parts of the first stage's. */
const MARGIN_PARTS: readonly number[] = [1, 0.5, 0.25];

/** Four ratios an octave, from a quarter to eight. */
const GRID: readonly number[] = Array.from({ length: 21 }, (_, index) => 2 ** (index / 4 - 2));

/**
 * A stage is left forwards on evidence that the ratio lies below this: 2, 1.5, then 1.25, in proportion more for a
 * guard that allows more than 2.
 */
export function marginOf({ ratioMax }: SequentialGuard, place: Place): number {
  const last = MARGIN_PARTS.length - 1;
  const part = MARGIN_PARTS[place === "bake" ? last : Math.min(place, last)] ?? 0;
  return 1 + Math.max(1, ratioMax - 1) * part;
}

/** Ascending; the same for every look at a guard, so that evidence can be kept by place. */
export function hypothesesOf(guard: SequentialGuard): readonly number[] {
  const margins = MARGIN_PARTS.map((_, stage) => marginOf(guard, stage));
  return [...new Set([...GRID, ...margins, guard.ratioMax])].sort((a, b) => a - b);
}

/**
 * An error guard compares rates, so the hypothesis is their ratio. A latency guard scales the candidate's latencies
 * by the hypothesis, and compares how often either arm is slower than one limit.
 */
export function testedRatio(guard: SequentialGuard, hypothesis: number): number {
  return guard.kind === "error-ratio" ? hypothesis : 1;
}

/** Ratios of rates above the tested one. */
export function alternativesAbove(tested: number): readonly number[] {
  return RATIOS_ABOVE.map((multiple) => multiple * tested);
}

type Weighed = { readonly ratio: number; readonly weight: number };

/** What a healthy candidate's error ratio may be: near 1. */
const HEALTHY_RATIOS: readonly Weighed[] = [
  { ratio: 0.5, weight: 0.1 },
  { ratio: 0.8, weight: 0.25 },
  { ratio: 1, weight: 0.45 },
  { ratio: 1.2, weight: 0.2 },
];

/** Of a healthy candidate scaled by a margin, far fewer requests exceed stable's limit than of stable. */
const HEALTHY_EXCEEDANCES: readonly Weighed[] = [0.1, 0.25, 0.5, 0.8].map((ratio) => ({
  ratio,
  weight: 0.25,
}));

/** Ratios of rates below the tested one; weights sum to 1. */
export function alternativesBelow(guard: SequentialGuard, tested: number): readonly Weighed[] {
  if (guard.kind === "latency-exceedance") return HEALTHY_EXCEEDANCES;
  const below = HEALTHY_RATIOS.filter(({ ratio }) => ratio < tested);
  if (below.length === 0) return [{ ratio: tested / 2, weight: 1 }];
  const sum = below.reduce((total, { weight }) => total + weight, 0);
  return below.map(({ ratio, weight }) => ({ ratio, weight: weight / sum }));
}
