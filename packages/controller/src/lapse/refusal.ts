// Why the controller refuses what is said of a schedule.

import { SlipwayError } from "@slipway/wire";

export function notScheduled(what: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "not_scheduled",
    message: `no schedule asks for ${what}`,
    fix: "write a schedule: under preflight: of the model in slipway.yaml, and apply it",
  });
}
