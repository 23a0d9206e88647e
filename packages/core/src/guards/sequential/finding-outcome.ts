// What a sequential guard's evidence amounts to, and how sure that must be.

import type { LateFinding } from "./late-harm.ts";

/** Evidence as natural logs of e-values, with what they are measured against. */
export type Finding = {
  /** Against "the ratio is at most the limit". */
  readonly logE: number;
  readonly logNeeded: number;
  /** 99% interval of the ratio, or of the candidate's value for a limit; null where an end is not known yet. */
  readonly low: number | null;
  readonly high: number | null;
  /** Whether it is of odds: events are so common that a ratio of rates would say little. */
  readonly odds: boolean;
  /** The segment whose own evidence is the strongest, where it is stronger than all together. */
  readonly segment: string | null;
  /** The candidate's replica without which there would be no alarm; null where none is, and without an alarm. */
  readonly replica: string | null;
  /** Whether there would be no alarm without the heavy user's key bucket, which is set apart. */
  readonly byHeavyUser: boolean;
  /** Whether few users send so much that the alarm may be no more than who they are. */
  readonly byFewUsers: boolean;
  /** Once all stages are over and it is worse than stable's record; null otherwise. */
  readonly late: LateFinding | null;
  /** For "the ratio is below the margin, or the difference is less than matters", which lets the rollout go on. */
  readonly going: {
    readonly margin: number;
    /** Of shares, what the guard's alarm takes for too little to matter; null where it has no such. */
    readonly difference: number | null;
    readonly logE: number;
    readonly logNeeded: number;
    /** Smallest ratio that is excluded with 95% confidence: smaller harm may be there. Null for none. */
    readonly excluded: number | null;
  };
};

export type Bounds = Pick<Finding, "low" | "high"> & Pick<Finding["going"], "excluded">;

/** A finding without what has to be searched for, and is for people alone. */
export type Weighed = Omit<Finding, "low" | "high" | "going"> & {
  readonly going: Omit<Finding["going"], "excluded">;
  readonly bounds: () => Bounds;
};

/** How sure each of a finding's statements must be, as natural logs. */
export type Sureness = {
  readonly alarm: number;
  readonly interval: number;
  readonly going: number;
};
