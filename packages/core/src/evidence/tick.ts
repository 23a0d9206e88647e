// A mature tick: all that every gateway saw of a rollout in one slice of time, consumed once.

import type { EvidenceRow } from "./row.ts";

export type Tick = {
  readonly rolloutId: string;
  readonly tick: number;
  /** End of the slice on the controller's clock, milliseconds since the epoch. */
  readonly endMs: number;
  /** Members whose evidence for this tick did not arrive. Such a tick can fail a guard, never pass one. */
  readonly missing: readonly string[];
  /** Merged over members; one row a (table, arm, segment). */
  readonly rows: readonly EvidenceRow[];
};
