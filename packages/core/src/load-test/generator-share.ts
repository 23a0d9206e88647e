// How much of what a load test measured may be its own generator's doing: it sent late, and it read late, since it had no
// processor just then. A millisecond counts by what it is measured with: it is nothing of a minute and half of a first token.

import { quantileInterval } from "../statistics/quantile-interval.ts";
import type { LatencyLimits } from "./latency-limits.ts";
import { type Shot, totalMsOf, tpotMsOf, ttftMsOf } from "./shot.ts";

/** More than this of a latency, or of the time that answers took at full load, and it says something about the generator. */
export const GENERATOR_SHARE_MAX = 0.05;
/** Timers are no finer: less than this is nobody's. */
const GRAIN_MS = 2;
const P99 = 0.99;
const TAIL = 0.05;

/** A value as measured, and without what may be the generator's. */
type Seen = { readonly measured: number; readonly without: number };

/** Of the P99 of each latency that is judged, the largest share; of the whole latency where none has a limit. */
export function generatorShare(shots: readonly Shot[], limits: LatencyLimits): number {
  const { totalMsMax, ttftMsMax, tpotMsMax } = limits;
  const isUnjudged = totalMsMax === null && ttftMsMax === null && tpotMsMax === null;
  return Math.max(
    0,
    totalMsMax !== null || isUnjudged ? shareOf(shots.map(totalSeen)) : 0,
    ttftMsMax === null ? 0 : shareOf(shots.filter(({ chunks }) => chunks > 0).map(ttftSeen)),
    tpotMsMax === null ? 0 : shareOf(shots.map(tpotSeen).filter((seen) => seen !== null)),
  );
}

function totalSeen(shot: Shot): Seen {
  const measured = totalMsOf(shot);
  return { measured, without: measured - shot.lagMs - shot.lastLateMs };
}

function ttftSeen(shot: Shot): Seen {
  const measured = ttftMsOf(shot);
  return { measured, without: measured - shot.lagMs - shot.firstLateMs };
}

function tpotSeen(shot: Shot): Seen | null {
  const measured = tpotMsOf(shot);
  if (measured === null) return null;
  const gaps = Math.max(1, (shot.usage?.outputTokens ?? 2) - 1);
  return { measured, without: measured - shot.lastLateMs / gaps };
}

/** Nothing where the latency itself is no number: what failed took for ever, whoever was late. */
function shareOf(seen: readonly Seen[]): number {
  const p99 = (values: readonly number[]): number =>
    quantileInterval(Float64Array.from(values).sort(), P99, TAIL)?.value ?? 0;
  const measured = p99(seen.map((one) => one.measured));
  const own = measured - p99(seen.map(({ without }) => Math.max(0, without)));
  return Number.isFinite(own) && own > GRAIN_MS ? own / measured : 0;
}

/**
 * Of the time that answers took while there was always a next one, the share in which the generator may have been late to
 * read: by so much the rate is off that it saw.
 */
export function heldUpShare(shots: readonly Shot[]): number {
  let [late, all] = [0, 0];
  for (const { failure, sentMs, lastMs, lastLateMs } of shots) {
    if (failure !== null || sentMs === null || lastMs === null) continue;
    late += Math.min(lastLateMs, lastMs - sentMs);
    all += lastMs - sentMs;
  }
  return all === 0 ? 0 : late / all;
}
