// Counts one request's time in a row of evidence: with its user's bucket, and with the replica that answered.

import type { Pace } from "./pace.ts";
import type { EvidenceRow } from "./row.ts";

/** Where a request is counted: whose it was and who answered; null where that is not known. */
export type Whose = { readonly bucket: number | null; readonly replica: string | null };

/** One request's. A replica that is not in the row yet is left out. */
export function countPace(
  { buckets, replicas }: EvidenceRow,
  time: keyof Pace<unknown>,
  octave: string,
  { bucket, replica }: Whose,
): void {
  if (bucket !== null) {
    const own = buckets.pace[time];
    const counts = own[octave] ?? [];
    while (counts.length <= bucket) counts.push(0);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    own[octave] = counts;
  }
  const served = replica === null ? undefined : replicas[replica]?.pace[time];
  if (served !== undefined) served[octave] = (served[octave] ?? 0) + 1;
}
