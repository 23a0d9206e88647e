// The sums over a window's last ticks, kept beside the window: those of the next one are made from them, with the tick
// that came and without those that left. Whole numbers, so that they are what adding all ticks up would give.

import { type Histogram, mergeInto, subtractFrom, trimmed } from "../histogram.ts";
import type { ArmSums, Evidence, WindowTick } from "./evidence.ts";
import { OUTCOMES } from "./row.ts";
import { type ArmSum, emptyWholeSum, LATENCY_TIMES, type WholeSum, wholeSumOf } from "./window.ts";

export type WindowSums = { readonly candidate: WholeSum; readonly stable: WholeSum };

/** The last so many milliseconds, of a guard's own requests or of all. */
export type Stretch = { readonly windowMs: number; readonly own: string | null };

type Kept = { readonly stretch: Stretch; readonly sums: WindowSums };
type Window = Evidence["window"];

const KEPT = new WeakMap<Window, Map<string, Kept>>();

function keyOf({ windowMs, own }: Stretch): string {
  return own === null ? String(windowMs) : `${windowMs} ${own}`;
}

export function ownOf({ own }: Stretch, entry: WindowTick): ArmSums {
  return own === null ? entry : (entry.own[own] ?? entry);
}

/** Of the ticks that lie within the stretch before the newest one's end, that one included. */
export function windowSums(window: Window, stretch: Stretch): WindowSums {
  const known = KEPT.get(window) ?? new Map<string, Kept>();
  KEPT.set(window, known);
  const key = keyOf(stretch);
  const kept = known.get(key);
  if (kept !== undefined) return kept.sums;
  const fromMs = (window.at(-1)?.endMs ?? 0) - stretch.windowMs;
  const own = window.filter(({ endMs }) => endMs > fromMs).map((entry) => ownOf(stretch, entry));
  const sums = {
    candidate: wholeSumOf(own.map(({ candidate }) => candidate)),
    stable: wholeSumOf(own.map(({ stable }) => stable)),
  };
  known.set(key, { stretch, sums });
  return sums;
}

/** What is known of a window's sums goes over to the one that follows it by a tick. */
export function rollSums(before: Window, after: Window): void {
  const known = KEPT.get(before);
  const newest = after.at(-1);
  if (known === undefined || newest === undefined || before.length === 0) return;
  const next = new Map<string, Kept>();
  for (const [key, { stretch, sums }] of known) {
    const left = leaving(before, stretch, newest.endMs).map((entry) => ownOf(stretch, entry));
    const came = ownOf(stretch, newest);
    const rolled = (arm: "candidate" | "stable"): WholeSum =>
      rolledSum(
        sums[arm],
        left.map((one) => one[arm]),
        came[arm],
      );
    next.set(key, {
      stretch,
      sums: { candidate: rolled("candidate"), stable: rolled("stable") },
    });
  }
  KEPT.set(after, next);
}

/** Those of a window's stretch that no longer are in it when a tick ends then. */
function leaving(window: Window, { windowMs }: Stretch, endMs: number): readonly WindowTick[] {
  const fromMs = (window.at(-1)?.endMs ?? 0) - windowMs;
  return window.filter((entry) => entry.endMs > fromMs && entry.endMs <= endMs - windowMs);
}

/** Stable's latencies in the stretch that ends with the next tick, before that is in it. */
export function stableLatencyBefore(
  window: Window,
  stretch: Stretch,
  endMs: number,
  time: (typeof LATENCY_TIMES)[number],
): Histogram {
  const all = windowSums(window, stretch).stable.latency[time];
  const left = leaving(window, stretch, endMs);
  if (left.length === 0) return all;
  const rest = copyOf(all);
  for (const entry of left) subtractFrom(rest, ownOf(stretch, entry).stable.latency[time]);
  return rest;
}

function copyOf({ first, counts, over }: Histogram): Histogram {
  return { first, counts: counts.slice(), over };
}

function rolledSum(before: WholeSum, left: readonly ArmSum[], came: ArmSum): WholeSum {
  const sum = emptyWholeSum();
  sum.arrivals = before.arrivals + came.arrivals;
  sum.counted = before.counted + came.counted;
  sum.bad = before.bad + came.bad;
  for (const one of left) {
    sum.arrivals -= one.arrivals;
    sum.counted -= one.counted;
    sum.bad -= one.bad;
  }
  for (const outcome of OUTCOMES) {
    let count = (before.outcomes[outcome] ?? 0) + (came.outcomes[outcome] ?? 0);
    for (const { outcomes } of left) count -= outcomes[outcome] ?? 0;
    if (count > 0) sum.outcomes[outcome] = count;
  }
  for (const time of LATENCY_TIMES) {
    const rolled = copyOf(before.latency[time]);
    for (const one of left) subtractFrom(rolled, one.latency[time]);
    mergeInto(rolled, came.latency[time]);
    sum.latency[time] = trimmed(rolled);
  }
  return sum;
}

export const NO_SUMS: WindowSums = { candidate: emptyWholeSum(), stable: emptyWholeSum() };
