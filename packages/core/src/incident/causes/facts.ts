// What every test of a cause is handed: the counts, the harm in them, and the slots of time.

import type { Beats, CauseCounts } from "./counts.ts";
import type { Harm } from "./harm.ts";
import type { CauseFinding } from "./hypothesis.ts";

export type CauseFacts = {
  readonly counts: CauseCounts;
  readonly harm: Harm;
  readonly slots: readonly Beats[];
};

export type CauseTest = (facts: CauseFacts) => CauseFinding;

/** Why a test of requests says nothing where it is answers' reception that is harmed. */
export const OF_LABELS =
  "the harm is in what users and clients report, which is not told apart by request";
