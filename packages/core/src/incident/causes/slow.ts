// Slow for everybody, or only for some: whether the middle of the latencies has moved as their tail has. Neither says
// why, so that whatever does comes first.

import { emptyHistogram, type Histogram, mergeInto, quantile } from "../../histogram.ts";
import { durationText, ratioText } from "../../quantity.ts";
import type { CauseCounts, Sums } from "./counts.ts";
import type { CauseFacts, CauseTest } from "./facts.ts";
import { shareOf } from "./harm.ts";
import { type CauseFinding, clipped, tested, untested } from "./hypothesis.ts";
import { kindText } from "./kinds-of-harm.ts";

const FIT = 0.5;
const QUANTILES = [0.5, 0.9, 0.99] as const;
/** Bends of this size are all of it: a tail's quantile moves further than the middle in any slower engine. */
const MOVED_SHARE = 0.5;

export const slow: CauseTest = (facts) => paced(facts, "slow");
export const slowTail: CauseTest = (facts) => paced(facts, "slow-tail");

function paced({ counts, harm }: CauseFacts, cause: "slow" | "slow-tail"): CauseFinding {
  const { slowerThanMs } = counts.ask;
  if (slowerThanMs === null) return untested(cause, "no guard of a latency says what slow is");
  const rows = quantileRows(counts);
  const [middle, , tail] = rows.map(([, candidate, stable]) => Math.log(candidate / stable));
  if (middle === undefined || tail === undefined || rows.length < QUANTILES.length) {
    return untested(cause, "too few answers have a latency, on the candidate or on stable");
  }
  const moved = tail <= 0 ? 0 : clipped(middle / tail / MOVED_SHARE);
  const of = rows.map(
    ([q, own, usual]) => `P${q} ${durationText(own)} (${ratioText(own / usual)})`,
  );
  const what = cause === "slow" ? "slow throughout" : "slow in the tail alone";
  return tested(cause, {
    share: harm.family === "requests" ? shareOf(harm, ["slow"]) : 0,
    fit: FIT * (cause === "slow" ? moved : 1 - moved),
    text: `${kindText(harm, ["slow"])} took over ${durationText(slowerThanMs)}; it is ${what}: ${of.join(", ")}`,
    data: { head: ["quantile", "candidate, ms", "stable, ms"], rows },
  });
}

function quantileRows(counts: CauseCounts): readonly (readonly [number, number, number])[] {
  const { ask, during, past } = counts;
  const candidate = timesOf(during.candidate, ask.time);
  const stable = timesOf(ask.against === "before" ? past.stable : during.stable, ask.time);
  return QUANTILES.flatMap((q) => {
    const [own, usual] = [quantile(candidate, q), quantile(stable, q)];
    if (own === null || usual === null || !Number.isFinite(usual) || usual === 0) return [];
    return [[q * 100, own, usual] as const];
  });
}

/** Of answers that came: what never did is another kind of harm. */
function timesOf(sums: Sums, time: CauseCounts["ask"]["time"]): Histogram {
  const all = emptyHistogram();
  for (const row of sums.values()) mergeInto(all, row.latency[time]);
  return { ...all, over: 0 };
}
