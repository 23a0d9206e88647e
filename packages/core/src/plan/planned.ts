// What a plan says of a rollout before it starts, stage by stage and guard by guard.

import type { Metric } from "../guards/guard.ts";

/** Half, and nine in ten. */
export type Chances = { readonly half: number | null; readonly most: number | null };

export type SeenHarm = {
  /** Null for harm to everybody. */
  readonly segment: string | null;
  /** Part of all requests that it befalls. */
  readonly share: number;
  /** A smaller ratio breaks nothing, however certain it is; null where no ratio is large enough. */
  readonly least: number | null;
  /** The smallest ratio that is found by the end of the stage with this chance; null for none. */
  readonly byStageEnd: Chances;
  /** Minutes at this stage's share until a ratio is found with this chance. */
  readonly examples: readonly { readonly ratio: number; readonly minutes: Chances }[];
};

type PlannedBase = { readonly guard: string; readonly metric: Metric["kind"] };

export type PlannedGuard =
  | (PlannedBase & { readonly test: "sequential"; readonly seen: readonly SeenHarm[] })
  /** How often what it counts occurs is not known beforehand. */
  | (PlannedBase & { readonly test: "unforeseen"; readonly counts: string })
  | (PlannedBase & {
      readonly test: "threshold";
      /** Whether its window ever holds the requests that it needs. */
      readonly fed: boolean;
      /** The chance that a candidate which is no worse breaks it in this stage, at the least. */
      readonly falseBreak: number;
    });

export type PlannedStage = {
  readonly percent: number;
  /** What hold, min-requests and thresholds take at the least; null where it never ends. */
  readonly leastMinutes: number | null;
  /** Until a healthy candidate leaves it; null where it then asks, or never leaves. */
  readonly minutes: Chances;
  /** Part of healthy candidates that reach the stage limit in it, and ask. */
  readonly asks: number;
  readonly guards: readonly PlannedGuard[];
};

/** How much users will say is not known beforehand: what it takes where every stage waits for it as long as it may. */
export type FeedbackWait = {
  /** Guards that may have a stage wait. */
  readonly guards: readonly string[];
  /** Until so long after its beginning each stage waits. */
  readonly stageMinutes: number;
  readonly allUsersMinutes: Chances;
  readonly completedMinutes: Chances;
};

export type RolloutPlan = {
  readonly perMinute: number;
  readonly errorRate: number;
  readonly stages: readonly PlannedStage[];
  /** Until a healthy candidate has all users, and until it is completed. */
  readonly allUsersMinutes: Chances;
  readonly completedMinutes: Chances;
  /** What those two leave out; null where nothing waits for feedback. */
  readonly feedbackWait: FeedbackWait | null;
  /** What to mend, what is assumed, and what cannot be seen, each in a sentence. */
  readonly warnings: readonly string[];
  readonly assumed: readonly string[];
  readonly unseen: readonly string[];
};
