// What a stage asks before it may be left, and whether that is met.

export type Requirement = {
  /** Stable code. */
  readonly code:
    | "confirmed"
    | "hold"
    | "requests"
    | "fresh"
    | "covered"
    | "share"
    | "split"
    | "representative"
    | "forecast"
    | "guard"
    | "approval";
  readonly met: boolean;
  /** Progress in [0, 1]. */
  readonly progress: number;
  /** What is missing, or what holds. */
  readonly text: string;
};
