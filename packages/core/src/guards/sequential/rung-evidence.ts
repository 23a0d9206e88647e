// What a tick's strata say of one rung: natural logs of e-values, one for each alternative. Independent strata: their
// log e-values add.

import { boundLogE } from "../../statistics/bound-e.ts";
import { oddsLogEs } from "../../statistics/odds-e.ts";
import { ratioLogPerEvent } from "../../statistics/ratio-e.ts";
import type { SequentialGuard } from "../guard.ts";
import type { Ladder, Rung } from "./ladder.ts";
import { countsAt, type Stratum } from "./strata.ts";

/** By alternative; null where no stratum says anything. */
export type RungLogE = (rung: Rung, strata: readonly Stratum[]) => readonly number[] | null;

/** Of one tick: what its rungs have in common is worked out once. */
export function rungLogEOf({ metric }: SequentialGuard, { test }: Ladder): RungLogE {
  switch (test.kind) {
    case "rates":
      return metric.kind === "latency" ? ratesOf(once(perEvent)) : ratesOf(perEvent);
    case "odds":
      return (rung, strata) => oddsLogE(rung, strata);
    case "limit":
      return (rung, strata) => limitLogE(test.rate, rung, strata);
  }
}

type PerEvent = (rung: Rung, stratum: Stratum) => readonly number[];

function perEvent({ tested, alternatives }: Rung, { candidateN, stable }: Stratum) {
  return alternatives.map((alternative) =>
    ratioLogPerEvent(candidateN, stable.n, tested, alternative),
  );
}

/** All rungs of a latency guard test the same ratio. */
function once(of: PerEvent): PerEvent {
  const known = new Map<Stratum, readonly number[]>();
  return (rung, stratum) => {
    const before = known.get(stratum);
    if (before !== undefined) return before;
    const logs = of(rung, stratum);
    known.set(stratum, logs);
    return logs;
  };
}

/** As `ratioLogE` for each stratum and alternative. Most strata have no event in a tick, and say nothing of a ratio. */
function ratesOf(perEventOf: PerEvent): RungLogE {
  return (rung, strata) => {
    let sums: number[] | null = null;
    for (const stratum of strata) {
      const { candidateN, stable } = stratum;
      const bad = stratum.candidateBadAt(rung.bins);
      const events = bad + stable.bad;
      if (events === 0 || candidateN === 0 || stable.n === 0) continue;
      const logs = perEventOf(rung, stratum);
      sums ??= new Array<number>(rung.logs.length).fill(0);
      for (let i = 0; i < sums.length; i++) {
        sums[i] = (sums[i] ?? 0) + (bad * (rung.logs[i] ?? 0) + events * (logs[i] ?? 0));
      }
    }
    return sums;
  };
}

function oddsLogE(rung: Rung, strata: readonly Stratum[]): readonly number[] | null {
  const telling = strata
    .map((stratum) => countsAt(stratum, rung.bins))
    .filter(({ candidate, stable }) => candidate.bad + stable.bad > 0)
    .map((arms) => oddsLogEs(arms, rung.tested, rung.alternatives));
  return telling.length === 0 ? null : summed(rung, telling);
}

function limitLogE(rate: number, rung: Rung, strata: readonly Stratum[]): readonly number[] | null {
  if (strata.length === 0) return null;
  return summed(
    rung,
    strata.map((stratum) => {
      const { candidate } = countsAt(stratum, rung.bins);
      return rung.alternatives.map((alternative) =>
        boundLogE(candidate, rate * rung.tested, rate * alternative),
      );
    }),
  );
}

function summed({ alternatives }: Rung, all: readonly (readonly number[])[]): readonly number[] {
  return alternatives.map((_, i) => all.reduce((sum, logs) => sum + (logs[i] ?? 0), 0));
}
