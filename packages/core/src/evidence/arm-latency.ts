// An arm's latencies in one tick, all of its rows together. Windows, trends and the watch over stable each look at the same
// rows: they are put together once, beside the rows.

import { emptyHistogram, type Histogram, mergeAllInto } from "../histogram.ts";
import { Newest } from "../newest.ts";
import type { EvidenceRow, ServingArm } from "./row.ts";

type Time = "total" | "ttft" | "tpot";
type Known = { [key in `${ServingArm} ${Time}`]?: Histogram };

/** A tick's rows all together, and those that one or the other leaves out. */
const KNOWN = new Newest<readonly EvidenceRow[], Known>(4);

/** Nobody may change it: others have it too. */
export function armLatency(rows: readonly EvidenceRow[], arm: ServingArm, time: Time): Histogram {
  const known = KNOWN.of(rows, () => ({}));
  const key = `${arm} ${time}` as const;
  const sum = known[key] ?? merged(rows, arm, time);
  known[key] = sum;
  return sum;
}

function merged(rows: readonly EvidenceRow[], arm: ServingArm, time: Time): Histogram {
  const own: Histogram[] = [];
  for (const row of rows) if (row.arm === arm) own.push(row.latency[time]);
  const sum = emptyHistogram();
  mergeAllInto(sum, own);
  return sum;
}

/** Those that pass; the same array where all do, so that what is known of it still is. */
export function rowsThat(
  rows: readonly EvidenceRow[],
  passes: (row: EvidenceRow) => boolean,
): readonly EvidenceRow[] {
  return rows.every(passes) ? rows : rows.filter(passes);
}
