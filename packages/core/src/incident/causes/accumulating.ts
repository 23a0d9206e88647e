// What accumulates: a leak, a cache that fills, a queue that is never emptied. The candidate is worse the longer it runs,
// while its share stays what it is; told from the time before the harm, for the harm itself is the end of it.

import { durationText, ratioText } from "../../quantity.ts";
import { leastSquares } from "../../statistics/least-squares.ts";
import { rounded } from "./concentration.ts";
import { type Beats, type CauseAsk, periodOf } from "./counts.ts";
import { type CauseFacts, type CauseTest, OF_LABELS } from "./facts.ts";
import { shareOf } from "./harm.ts";
import { clipped, sureness, tested, untested } from "./hypothesis.ts";
import { paceOf, sumOf } from "./over-time.ts";

/** Slots without which no growth can be told. */
const SLOTS_MIN = 6;
const HOUR_MS = 3_600_000;

export type Growth = {
  /** Octaves an hour. */
  readonly perHour: number;
  readonly fit: number;
  /** Of how much worse the candidate is now than when it began. */
  readonly part: number;
  readonly overMs: number;
};

export const accumulating: CauseTest = (facts) => {
  const { harm, slots } = facts;
  if (harm.family === "labels") return untested("accumulating", OF_LABELS);
  const growth = growthOf(facts);
  if (typeof growth === "string") return untested("accumulating", growth);
  const { perHour, fit, part, overMs } = growth;
  return tested("accumulating", {
    share: part * shareOf(harm, ["slow", "overdue", "timeout"]),
    fit,
    text: `within its shares the candidate's answers took ${ratioText(2 ** perHour)} as long an hour later, beside stable's, over ${durationText(overMs)} before the harm`,
    data: {
      head: ["at, ms", "times stable's latency"],
      rows: slots.flatMap((slot) => {
        const pace = paceOf(slot);
        return pace === null ? [] : [[slot.startMs, rounded(2 ** pace.value)]];
      }),
    },
  });
};

/** A queue that fills because a share is too much is full by then. */
const SETTLED_MS = 300_000;

/** Where it is not known when the harm began, all of the time is looked at, but for what follows each new share. */
function isSettled({ startMs }: Beats, ask: CauseAsk): boolean {
  const share = ask.shares[periodOf(ask, startMs)];
  return share !== undefined && startMs >= share.atMs + SETTLED_MS;
}

/** Why not, where it cannot be told. */
export function growthOf({ counts, slots }: CauseFacts): Growth | string {
  const { ask } = counts;
  const before = slots.filter(
    ask.hasBegan ? ({ startMs }) => startMs < ask.fromMs : (slot) => isSettled(slot, ask),
  );
  const seen = before.flatMap((slot) => {
    const pace = paceOf(slot);
    return pace === null ? [] : [{ slot, pace, period: periodOf(ask, slot.startMs) }];
  });
  const [first] = seen;
  const last = seen.at(-1);
  if (first === undefined || last === undefined || seen.length < SLOTS_MIN) {
    return "the candidate had users for too short a time before the harm";
  }
  const periods = [...new Set(seen.map(({ period }) => period))];
  // Each share has a level of its own, so that only what grows within one counts.
  const hours = ({ startMs }: Beats): number => (startMs - first.slot.startMs) / HOUR_MS;
  const [perHour = 0] = leastSquares(
    seen.map(({ slot, pace, period }) => ({
      x: [hours(slot), ...periods.map((one) => (one === period ? 1 : 0))],
      y: pace.value,
      weight: 1 / pace.variance,
    })),
  );
  const z =
    perHour *
    Math.sqrt(
      informationOf(
        seen.map(({ slot, pace, period }) => ({
          at: hours(slot),
          weight: 1 / pace.variance,
          period,
        })),
      ),
    );
  const since = ask.hasBegan
    ? slots.filter(({ startMs }) => startMs >= ask.fromMs)
    : before.slice(-SLOTS_MIN);
  const now = paceOf(sumOf(since));
  const start = paceOf(sumOf(before.slice(0, SLOTS_MIN)));
  const overMs = last.slot.startMs - first.slot.startMs;
  const risen = now === null || start === null ? 0 : now.value - start.value;
  const sinceMs = since[0]?.startMs ?? ask.fromMs;
  const grown = (perHour * ((sinceMs + ask.toMs) / 2 - first.slot.startMs)) / HOUR_MS;
  return { perHour, fit: sureness(z), part: risen <= 0 ? 0 : clipped(grown / risen), overMs };
}

type Moment = { readonly at: number; readonly weight: number; readonly period: number };

/** What the slots say of a slope, each period about its own mean: the inverse of its variance. */
function informationOf(moments: readonly Moment[]): number {
  let information = 0;
  for (const period of new Set(moments.map((one) => one.period))) {
    const own = moments.filter((one) => one.period === period);
    const weight = own.reduce((sum, one) => sum + one.weight, 0);
    const mean = own.reduce((sum, one) => sum + one.weight * one.at, 0) / weight;
    information += own.reduce((sum, one) => sum + one.weight * (one.at - mean) ** 2, 0);
  }
  return information;
}
