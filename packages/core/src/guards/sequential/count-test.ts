// The test that a guard's counts are put to: of rates where events are rare, of odds where they are common, and of the
// candidate's rate alone against a limit. All speak of one hypothesis at a time, by natural logs of e-values.

import { boundLogE } from "../../statistics/bound-e.ts";
import { ODDS_ABOVE, ODDS_LOG_WEIGHTS, oddsLogE } from "../../statistics/odds-e.ts";
import { RATES_BELOW } from "../../statistics/rate-e.ts";
import {
  RATIO_LOG_WEIGHTS,
  RATIOS_ABOVE,
  ratioLogE,
  type TwoArms,
} from "../../statistics/ratio-e.ts";
import { isOutcomeEvent, type SequentialGuard } from "../guard.ts";

export type CountTest =
  /** Of the ratio of rates. */
  | { readonly kind: "rates" }
  /** Of the ratio of odds. */
  | { readonly kind: "odds" }
  /** Of the candidate's rate over a limit. */
  | { readonly kind: "limit"; readonly rate: number };

/** From this rate on an event is common. */
const COMMON_FROM = 0.1;
/** Of stable, before a guard chooses its test; it bets on none of them. */
export const CHOSEN_FROM = 100;

/** Whether events of a guard may be common, so that its test is chosen by stable's first ones. */
export function choosesTest({ metric, comparison }: SequentialGuard): boolean {
  if (comparison.kind === "limit" || metric.kind === "mean" || metric.kind === "latency")
    return false;
  return metric.kind !== "events" || !isOutcomeEvent(metric.event);
}

/** Of stable's first events; null while there are too few. What is chosen is fixed before the first bet. */
export function isCommon(seen: { readonly n: number; readonly bad: number }): boolean | null {
  return seen.n < CHOSEN_FROM ? null : seen.bad / seen.n >= COMMON_FROM;
}

export function countTestOf(guard: SequentialGuard, common: boolean | null): CountTest {
  const { comparison, metric } = guard;
  if (comparison.kind === "limit") {
    return {
      kind: "limit",
      rate: metric.kind === "latency" ? 1 - metric.quantile : comparison.max,
    };
  }
  return { kind: common === true ? "odds" : "rates" };
}

/** Multiples of the tested ratio above it: as many for every test. */
export function alternativesAbove(test: CountTest, tested: number): readonly number[] {
  const multiples = test.kind === "odds" ? ODDS_ABOVE : RATIOS_ABOVE;
  return multiples.map((multiple) => multiple * tested);
}

/** Logs of the parts that they get; `common`: as the guard's test was chosen. */
export function logWeightsAbove(common: boolean | null): readonly number[] {
  return common === true ? ODDS_LOG_WEIGHTS : RATIO_LOG_WEIGHTS;
}

export const ALTERNATIVES_ABOVE: number = RATIOS_ABOVE.length;

type Weighed = { readonly ratio: number; readonly weight: number };

/** What a healthy candidate's ratio may be: near 1. */
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

/** Ratios below the tested one; weights sum to 1. */
export function alternativesBelow(
  { metric, comparison }: SequentialGuard,
  tested: number,
): readonly Weighed[] {
  if (metric.kind === "latency") return HEALTHY_EXCEEDANCES;
  if (comparison.kind === "limit") {
    return RATES_BELOW.map((part) => ({ ratio: part * tested, weight: 1 / RATES_BELOW.length }));
  }
  const below = HEALTHY_RATIOS.filter(({ ratio }) => ratio < tested);
  if (below.length === 0) return [{ ratio: tested / 2, weight: 1 }];
  const sum = below.reduce((total, { weight }) => total + weight, 0);
  return below.map(({ ratio, weight }) => ({ ratio, weight: weight / sum }));
}

/** Against "the ratio is `tested`", for `alternative`. A tick without what the test needs says nothing: 0. */
export function countLogE(
  test: CountTest,
  arms: TwoArms,
  tested: number,
  alternative: number,
): number {
  if (test.kind === "limit") {
    return boundLogE(arms.candidate, test.rate * tested, test.rate * alternative);
  }
  return test.kind === "odds"
    ? oddsLogE(arms, tested, alternative)
    : ratioLogE(arms, tested, alternative);
}

/** Whether a tick says anything. */
export function isTelling(test: CountTest, { candidate, stable }: TwoArms): boolean {
  return candidate.n > 0 && (test.kind === "limit" || stable.n > 0);
}
