// gatherTrends(evidence, rollout, tick) → evidence: what a mature tick adds to the series of a policy's trends.

import { armLatency, rowsThat } from "../evidence/arm-latency.ts";
import type { EvidenceRow } from "../evidence/row.ts";
import type { Tick } from "../evidence/tick.ts";
import { countOf, emptyHistogram, GAMMA, type Histogram, mergeInto } from "../histogram.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { lookAt } from "./look-at.ts";
import {
  emptyTrends,
  LOOK_SLOTS,
  SLOT_MS,
  type Trend,
  type TrendMetric,
  type TrendPoint,
  type TrendSeries,
  type TrendsEvidence,
} from "./trend.ts";

/** Fewer values than this have no median worth a point. */
const VALUES_MIN = 5;
const SLOTS_MAX = LOOK_SLOTS.at(-1) ?? 0;

export function gatherTrends(before: TrendsEvidence, rollout: Rollout, tick: Tick): TrendsEvidence {
  const { stageTable, policy } = rollout;
  if (policy.trends.length === 0) return before;
  const trends = before.stageTable === stageTable ? before : emptyTrends(stageTable);
  // Who is in a ring, or stayed for a conversation, is in one arm alone, and would be seen as its growth.
  const rows = rowsThat(tick.rows, ({ table, via }) => table >= stageTable && via === "split");
  const fromMs = tick.endMs - policy.evidence.tickMs;
  const startMs = trends.startMs ?? (rows.length === 0 ? null : fromMs);
  if (startMs === null) return trends;
  const slot = Math.floor((fromMs - startMs) / SLOT_MS);
  const series = policy.trends.map((trend): [string, TrendSeries] => {
    const own = trends.series[trend.id] ?? emptySeries();
    const current = slot > own.open.slot ? nextSlot(own, slot, trend, { rollout, startMs }) : own;
    return [trend.id, slot >= SLOTS_MAX ? current : filled(current, trend.metric, rows)];
  });
  return { stageTable, startMs, series: Object.fromEntries(series) };
}

function emptySeries(): TrendSeries {
  return { points: [], open: emptySlot(0), look: null };
}

function emptySlot(slot: number): TrendSeries["open"] {
  return { slot, candidate: emptyHistogram(), stable: emptyHistogram() };
}

/** Closes the open slot, and looks when it is time. */
function nextSlot(
  series: TrendSeries,
  slot: number,
  trend: Trend,
  { rollout, startMs }: { readonly rollout: Rollout; readonly startMs: number },
): TrendSeries {
  const point = pointOf(series.open);
  const points = point === null ? series.points : [...series.points, point];
  const due = LOOK_SLOTS.findLast((length) => series.open.slot < length && length <= slot);
  const found = due === undefined ? null : lookAt(points, due, trend, { rollout, startMs });
  return { points, open: emptySlot(slot), look: found ?? series.look };
}

function pointOf({ slot, candidate, stable }: TrendSeries["open"]): TrendPoint | null {
  const own = median(candidate);
  return own === null ? null : { slot, candidate: own, stable: median(stable) };
}

/** Within a bin it lies where its rank does: a bin's width is more than an hour's growth. Null where it is not known. */
function median(histogram: Histogram): number | null {
  const n = countOf(histogram);
  if (n < VALUES_MIN) return null;
  let below = 0;
  for (const [index, count] of histogram.counts.entries()) {
    if (below + count >= n / 2) {
      return GAMMA ** (histogram.first + index - 1 + (n / 2 - below) / count);
    }
    below += count;
  }
  return null;
}

function filled(
  series: TrendSeries,
  metric: TrendMetric,
  rows: readonly EvidenceRow[],
): TrendSeries {
  const { slot, candidate, stable } = series.open;
  const open = {
    slot,
    candidate: sumOf(candidate, valuesOf(rows, "candidate", metric)),
    stable: sumOf(stable, valuesOf(rows, "stable", metric)),
  };
  return { ...series, open };
}

function valuesOf(
  rows: readonly EvidenceRow[],
  arm: EvidenceRow["arm"],
  metric: TrendMetric,
): readonly Histogram[] {
  if (metric === "client-memory") {
    return rows.flatMap((row) => (row.arm === arm ? (row.feedback?.health.memory ?? []) : []));
  }
  return [armLatency(rows, arm, metric === "ttft" ? "ttft" : "total")];
}

function sumOf(before: Histogram, added: readonly Histogram[]): Histogram {
  if (added.length === 0) return before;
  const sum = { ...before, counts: [...before.counts] };
  for (const histogram of added) mergeInto(sum, histogram);
  return sum;
}
