// Both versions of the newest rollout of a model that completed, side by side: from the ticks in which the new one had all
// the users that it was to have, until it completed.

import {
  type ArmPrices,
  apply,
  baselineRows,
  candidateSlotsOf,
  type EvidenceRow,
  emptyRow,
  isCompared,
  mergeRowInto,
  type Policy,
  proposedRows,
  type RecordedEvent,
  type Rollout,
  type ServingArm,
  type SideBySide,
  slotsMaxOf,
  type Tick,
  type VersionSums,
} from "@slipway/core";
import type { StoreReader } from "../store/store.ts";
import { recordedOf } from "./incidents.ts";
import { takeTicks } from "./ticks-between.ts";

export type SideBySideAsk = { readonly model: string };

/** The newest rollouts are looked through. */
const ROLLOUTS_MAX = 50;

/** Null where none has completed with evidence. */
export async function sideBySide(
  reader: StoreReader,
  { model }: SideBySideAsk,
): Promise<SideBySide | null> {
  for (const { id } of await reader.rollouts(model, ROLLOUTS_MAX)) {
    const recorded = await recordedOf(reader, id);
    const found = recorded === null ? null : spanOf(recorded.entries);
    // Of a way back nothing is measured: it is to a version that was stable before.
    if (found === null || found.rollout.controls.isReturn) continue;
    const measured = await measuredIn(reader, found);
    if (measured !== null) return measured;
  }
  return null;
}

type Span = { readonly rollout: Rollout; readonly fromMs: number; readonly toMs: number };

/** From when on the candidate had the most slots until it completed; null where it did not. */
function spanOf(entries: readonly RecordedEvent[]): Span | null {
  let rollout: Rollout | null = null;
  let fromMs: number | null = null;
  for (const { event } of entries) {
    rollout = apply(rollout, event);
    const { phase, policy } = rollout;
    if (phase.kind === "completed") {
      return fromMs === null ? null : { rollout, fromMs, toMs: event.atMs };
    }
    const hasMost = candidateSlotsOf(phase, policy) >= slotsMaxOf(policy);
    fromMs = hasMost ? (fromMs ?? event.atMs) : null;
  }
  return null;
}

async function measuredIn(
  reader: StoreReader,
  { rollout, fromMs, toMs }: Span,
): Promise<SideBySide | null> {
  const { id: rolloutId, from, to, policy } = rollout;
  const sum = (arm: ServingArm): EvidenceRow =>
    emptyRow({ rolloutId, table: 0, tick: 0, arm, via: "split", segment: "" });
  const during: VersionSums = { stable: sum("stable"), candidate: sum("candidate") };
  const before = sum("stable");
  const all = { rolloutId, above: -1, upTo: Number.POSITIVE_INFINITY };
  await takeTicks(reader, all, (tick: Tick) => {
    if (tick.endMs > toMs) return;
    const isDuring = tick.endMs - policy.evidence.tickMs >= fromMs;
    for (const row of tick.rows) {
      if (!isCompared(row)) continue;
      if (isDuring) mergeRowInto(during[row.arm], row);
      else if (row.arm === "stable") mergeRowInto(before, row);
    }
  });
  if (during.candidate.judged === 0) return null;
  const isConcurrent = during.stable.judged > 0;
  const sums = isConcurrent ? during : { ...during, stable: before };
  const rows = proposedRows(baselineRows(sums, pricesIn(policy)));
  return { rolloutId, from, to, fromMs, toMs, isConcurrent, rows };
}

/** What both versions ask for their tokens, where a guard of the cost was told. */
function pricesIn({ guards }: Policy): ArmPrices | null {
  for (const { metric } of guards) {
    if (metric.kind === "mean" && metric.prices !== null) return metric.prices;
  }
  return null;
}
