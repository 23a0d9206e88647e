// A load test that was run, with what was asked of it.

import type { EngineForecast } from "../load/engine-forecast.ts";
import type { CapacitySeen } from "./capacity-seen.ts";
import type { LatencyLimits } from "./latency-limits.ts";
import type { StepSummary } from "./step-summary.ts";

export type LoadQuestion = {
  /** Requests a second, over all replicas, that the candidate would have. */
  readonly perSecond: number;
  readonly replicas: number;
  readonly limits: LatencyLimits;
  readonly errorsMax: number;
  /** A generator that was later than this has measured itself. */
  readonly lagMsMax: number;
  /** After so long nobody waits any more; what failed counts as at least this. */
  readonly timeoutMs: number;
};

export type LoadTest = {
  readonly question: LoadQuestion;
  readonly steps: readonly StepSummary[];
  /** Null where nobody looked, or it could not be seen. */
  readonly capacity: CapacitySeen | null;
  /** What the load model makes of the load that is asked about, and of more; none where it could not be fitted. */
  readonly predicted: readonly Prediction[];
};

/** The step of the load itself; where there is none, nothing was seen at it. */
export function askedStep({ steps }: Pick<LoadTest, "steps">): StepSummary | null {
  return steps.find(({ step }) => step.multiple === 1) ?? null;
}

export type Prediction = {
  /** Of the load that is asked about. */
  readonly multiple: number;
  /** Its first aim is that of `LOAD_AIMS`. */
  readonly forecast: EngineForecast;
};
