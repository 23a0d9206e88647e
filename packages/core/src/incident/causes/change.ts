// What changed when it began: a stage, the routing table, or nothing that the rollout knows of. A coincidence says where to
// look, and never why, so it comes after whatever does.

import { durationText, percentText } from "../../quantity.ts";
import { rounded } from "./concentration.ts";
import type { CauseCounts } from "./counts.ts";
import type { CauseTest } from "./facts.ts";
import { tested, untested } from "./hypothesis.ts";
import { harmRateOf, sumOf } from "./over-time.ts";

/** Within so many ticks nobody can tell which came first. */
const NEAR_TICKS = 12;
const FIT_OTHER = 0.3;
const FIT_STAGE = 0.25;

export const change: CauseTest = ({ counts, harm, slots }) => {
  const { ask } = counts;
  if (!ask.hasBegan) return untested("change", "the counts do not show when the harm began");
  const before = slots.filter(({ startMs }) => startMs < ask.fromMs);
  const [was, is] = [
    harmRateOf(sumOf(before), harm),
    harmRateOf(sumOf(slots.filter(({ startMs }) => startMs >= ask.fromMs)), harm),
  ];
  const stage = ask.shares.findLast(({ atMs }) => atMs <= ask.fromMs + NEAR_TICKS * ask.tickMs);
  const sinceMs = stage === undefined ? null : ask.fromMs - stage.atMs;
  const isStage = sinceMs !== null && sinceMs <= NEAR_TICKS * ask.tickMs;
  const isNew =
    was === null || is === null || is.value <= 0 ? 0 : 1 - Math.max(0, was.value) / is.value;
  const found = changedText(counts, stage?.percent ?? null, sinceMs, isStage);
  return tested("change", {
    share: isStage && was === null ? 1 : isNew,
    fit: isStage ? FIT_STAGE : FIT_OTHER,
    text: `${found}. Whether it is the hour of the day cannot be told from one rollout`,
    data: {
      head: ["at, ms", "table", "harmed beyond stable"],
      rows: slots.map((slot) => [
        slot.startMs,
        slot.table,
        rounded(harmRateOf(slot, harm)?.value ?? 0),
      ]),
    },
  });
};

function changedText(
  { ask, beats }: CauseCounts,
  percent: number | null,
  sinceMs: number | null,
  isStage: boolean,
): string {
  const after = sinceMs === null ? "" : durationText(Math.max(0, sinceMs));
  if (isStage) {
    const when = (sinceMs ?? 0) < ask.tickMs ? "at about the time when" : `${after} after`;
    return `it began ${when} the candidate got ${percentText((percent ?? 0) / 100)} of users`;
  }
  const near = beats.filter(
    ({ startMs }) => Math.abs(startMs - ask.fromMs) <= NEAR_TICKS * ask.tickMs,
  );
  const tables = [...new Set(near.map(({ table }) => table).filter((table) => table > 0))];
  const last = tables.at(-1);
  if (tables.length > 1 && last !== undefined) {
    return `it began with routing table ${last}, which changed no share: an upstream, a limit or a rule of slipway.yaml`;
  }
  const held = sinceMs === null ? "" : `, ${after} after the candidate's share last changed`;
  return `it began in a moment in which nothing of the rollout changed${held}: look for a deployment, a job or a neighbour outside it`;
}
