// Why the controller refuses what is left with a watch for drift.

import { ANSWERED_MIN, type DriftWatch, percentText } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";

export function notWatched(model: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "drift_not_watched",
    message: `${model} is not watched for drift`,
    fix: "write drift: under preflight: of the model in slipway.yaml, and apply it",
  });
}

/** `current`: null where there is none. */
export function baselineReplaced(
  model: string,
  version: string,
  current: DriftWatch | null,
): SlipwayError {
  const message =
    current === null
      ? `${model} ${version} has no baseline for drift`
      : `${current.baseline.by} took another baseline of ${model} ${version} meanwhile (number ${current.baseline.number})`;
  const fix =
    current === null
      ? `take one: slipway drift look ${model}`
      : `look again: slipway drift look ${model}`;
  return new SlipwayError({ status: 409, code: "drift_baseline_replaced", message, fix });
}

export function baselineThin(model: string, version: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "drift_baseline_thin",
    message: `less than ${percentText(ANSWERED_MIN)} of the probes were answered by ${model} ${version} in some round: that is no baseline`,
    fix: "take it when the servers answer; where they reject the probes, mend these in their files of prompts",
  });
}
