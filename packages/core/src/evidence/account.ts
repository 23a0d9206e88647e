// The account of a rollout: who was on which version, by segment and by every other dimension, and how they fared. It is for
// people who look and for what is written afterwards; nothing is decided by it.

import { NO_USERS, plusDistinct } from "../distinct.ts";
import { mergeSlicesInto, type Slices } from "../segment.ts";
import { type Evidence, OTHER_SEGMENT, SEGMENTS_MAX, type SegmentTotal } from "./evidence.ts";
import { plusFeedback } from "./feedback.ts";
import { badOf, countedOf, type EvidenceRow, type ServingArm } from "./row.ts";

/** With one more tick's rows. */
export function withAccount(
  { totals, slices }: Pick<Evidence, "totals" | "slices">,
  rows: readonly EvidenceRow[],
): Pick<Evidence, "totals" | "slices"> {
  return {
    totals: {
      stable: addTotals(totals.stable, rows, "stable"),
      candidate: addTotals(totals.candidate, rows, "candidate"),
    },
    slices: {
      stable: addSlices(slices.stable, rows, "stable"),
      candidate: addSlices(slices.candidate, rows, "candidate"),
    },
  };
}

function addTotals(
  totals: { readonly [segment: string]: SegmentTotal },
  rows: readonly EvidenceRow[],
  arm: ServingArm,
): { readonly [segment: string]: SegmentTotal } {
  const next: { [segment: string]: SegmentTotal } = { ...totals };
  for (const row of rows) {
    if (row.arm !== arm) continue;
    const known = next[row.segment] !== undefined || Object.keys(next).length < SEGMENTS_MAX;
    const segment = known ? row.segment : OTHER_SEGMENT;
    next[segment] = plusRow(next[segment], row);
  }
  return next;
}

function addSlices(slices: Slices, rows: readonly EvidenceRow[], arm: ServingArm): Slices {
  const own = rows.filter((row) => row.arm === arm && Object.keys(row.slices).length > 0);
  if (own.length === 0) return slices;
  const sum: Slices = {};
  mergeSlicesInto(sum, slices);
  for (const row of own) mergeSlicesInto(sum, row.slices);
  return sum;
}

function plusRow(total: SegmentTotal | undefined, row: EvidenceRow): SegmentTotal {
  return {
    arrivals: (total?.arrivals ?? 0) + row.arrivals,
    counted: (total?.counted ?? 0) + countedOf(row),
    bad: (total?.bad ?? 0) + badOf(row),
    spared: (total?.spared ?? 0) + row.spared,
    users: plusDistinct(total?.users ?? NO_USERS, row.users),
    feedback: plusFeedback(total?.feedback ?? null, row.feedback),
  };
}
