// The rungs of a guard: each hypothesis about its ratio with the alternatives that evidence is collected for, and what
// can be worked out of them once for all ticks.

import { binsOfFactor } from "../../histogram.ts";
import type { SequentialGuard } from "../guard.ts";
import {
  ALTERNATIVES_ABOVE,
  alternativesAbove,
  alternativesBelow,
  type CountTest,
  countTestOf,
} from "./count-test.ts";
import { hypothesesOf, ratioMaxOf, testedRatio } from "./hypothesis.ts";

export type Rung = {
  readonly hypothesis: number;
  /** The hypothesis as a factor on latencies. */
  readonly bins: number;
  readonly tested: number;
  /** Those above the tested ratio, `ALTERNATIVES_ABOVE` of them, then those below. */
  readonly alternatives: readonly number[];
  /** Natural logs of each alternative over the tested ratio. */
  readonly logs: readonly number[];
  /** Natural logs of what those below weigh. */
  readonly weightLogs: readonly number[];
  /** Where its evidence begins among that of all rungs. */
  readonly from: number;
};

export type Ladder = {
  readonly test: CountTest;
  /** By place in `hypothesesOf`. */
  readonly rungs: readonly Rung[];
  /** The rung of the guard's limit. */
  readonly limit: Rung;
  /** The same with the ratios above it alone: an alarm bets on no others. */
  readonly alarm: Rung;
  /** Alternatives of all rungs together. */
  readonly size: number;
};

type Ladders = { chosen?: Ladder; common?: Ladder };

const KNOWN = new WeakMap<SequentialGuard, Ladders>();

/** `common`: whether its events are, which chooses the test; null until that is known, and where it does not matter. */
export function ladderOf(guard: SequentialGuard, common: boolean | null): Ladder {
  const known = KNOWN.get(guard) ?? {};
  KNOWN.set(guard, known);
  const name = common === true ? "common" : "chosen";
  const ladder = known[name] ?? ladderFor(guard, countTestOf(guard, common));
  known[name] = ladder;
  return ladder;
}

function ladderFor(guard: SequentialGuard, test: CountTest): Ladder {
  const rungs: Rung[] = [];
  let size = 0;
  for (const hypothesis of hypothesesOf(guard)) {
    const rung = rungOf(guard, test, hypothesis, size);
    rungs.push(rung);
    size += rung.alternatives.length;
  }
  const max = ratioMaxOf(guard);
  const limit =
    rungs.find(({ hypothesis }) => hypothesis === max) ?? rungOf(guard, test, max, size);
  return { test, rungs, limit, alarm: aboveOf(limit), size };
}

function aboveOf(rung: Rung): Rung {
  const { alternatives, logs } = rung;
  return {
    ...rung,
    alternatives: alternatives.slice(0, ALTERNATIVES_ABOVE),
    logs: logs.slice(0, ALTERNATIVES_ABOVE),
    weightLogs: [],
  };
}

function rungOf(guard: SequentialGuard, test: CountTest, hypothesis: number, from: number): Rung {
  const tested = testedRatio(guard, hypothesis);
  const below = alternativesBelow(guard, tested);
  const alternatives = [...alternativesAbove(test, tested), ...below.map(({ ratio }) => ratio)];
  return {
    hypothesis,
    bins: binsOfFactor(hypothesis),
    tested,
    alternatives,
    logs: alternatives.map((alternative) => Math.log(alternative / tested)),
    weightLogs: below.map(({ weight }) => Math.log(weight)),
    from,
  };
}

/** Where a rung's evidence that the ratio is lower begins; that it is higher lies before it. */
export function belowFrom({ from }: Rung): number {
  return from + ALTERNATIVES_ABOVE;
}
