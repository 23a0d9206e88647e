// Why a baseline is not taken, each with the way out.

import { type BaselineLimit, valueText } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";

export function noBaselineOf(rolloutId: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "gives_no_baseline",
    message: `${rolloutId} gives no baseline: it is not the newest rollout of its model that completed on evidence`,
    fix: "slipway baseline show MODEL names the one that can be accepted",
  });
}

export function nothingToEdit(model: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "no_baseline_in_force",
    message: `${model} has no baseline that could be edited`,
    fix: "accept one first: slipway baseline accept MODEL",
  });
}

export function unknownLimit(name: string, known: readonly string[]): SlipwayError {
  return new SlipwayError({
    status: 400,
    code: "unknown_limit",
    message: `${name} is none of the figures of this baseline`,
    fix: `they are ${known.join(", ")}`,
  });
}

export function senselessLimit({ name, unit, max }: BaselineLimit): SlipwayError {
  const example = unit === "share" ? "a share below 100%, such as 1%" : "a duration, such as 800ms";
  return new SlipwayError({
    status: 400,
    code: "senseless_limit",
    message: `${name} cannot be limited to ${valueText(unit, max)}`,
    fix: `its limit is ${example}`,
  });
}
