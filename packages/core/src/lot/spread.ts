// What evidence about the lot's draws is divided by, since users send unevenly.

import type { Evidence } from "../evidence/evidence.ts";
import { unevenness } from "../statistics/overdispersion.ts";

/**
 * Of stable's users, who were not drawn for the candidate. With a heavy user that would hang on where that one is: then of
 * everybody, as if all requests had been this stage's.
 */
export function spreadOf({
  lot,
  senders: { arrivals, heavy },
}: Pick<Evidence, "lot" | "senders">): number {
  const ofStable = unevenness(lot.buckets);
  if (heavy === null) return ofStable;
  const all = arrivals.reduce((sum, count) => sum + count, 0);
  const part = (lot.candidate.assigned + lot.stable.assigned) / Math.max(1, all);
  return Math.max(ofStable, unevenness(arrivals.map((count) => count * part)));
}
