// A tick as a sequential guard gathers from it.

import type { WindowTick } from "../../evidence/evidence.ts";
import type { EvidenceRow } from "../../evidence/row.ts";
import type { HeavyBucket } from "../../statistics/heavy-bucket.ts";

export type GuardTick = {
  readonly endMs: number;
  /** Rows of requests assigned since the evidence began, of those that are compared. */
  readonly rows: readonly EvidenceRow[];
  /** Those of them that were split; the same array where all were. */
  readonly split: readonly EvidenceRow[];
  /** Whether a member's evidence is missing: it may then break the guard, and never speak for the candidate. */
  readonly isPartial: boolean;
  /** Whether everybody is on the candidate, and stable has nobody left to be compared with. */
  readonly isAlone: boolean;
  /** Whether all stages are over, and some users are held back on stable. */
  readonly isLast: boolean;
  /** Known from the ticks before it; null for none. */
  readonly heavy: HeavyBucket | null;
  /** The ticks before it. */
  readonly window: readonly WindowTick[];
};
