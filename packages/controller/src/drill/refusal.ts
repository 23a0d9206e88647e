// Why the controller refuses what people ask of drills.

import type { DrillUnderWay } from "@slipway/core";
import { SlipwayError } from "@slipway/wire";

/** `drilling`: null where the one before is still being taken back. */
export function drillUnderWay(model: string, drilling: DrillUnderWay | null): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "drill_under_way",
    message:
      drilling === null
        ? `the last drill of ${model} is still being taken back`
        : `${drilling.by} drills ${model}`,
    fix: "wait until it has ended; one that was left behind gives way after half an hour",
  });
}

export function drillOfObserver(model: string): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "drill_impossible",
    message: `the policy of ${model} only observes: nothing would go back`,
    fix: "take mode: observe out of its policy first",
  });
}

export function faultTooLate(model: string, { rollout }: DrillUnderWay): SlipwayError {
  return new SlipwayError({
    status: 409,
    code: "drill_early",
    message: `the rollout of ${model}'s drill left its stage before there was any fault`,
    fix: `see why: slipway rollout explain ${rollout}`,
  });
}

export function noDrill(model: string): SlipwayError {
  return new SlipwayError({
    status: 404,
    code: "no_drill",
    message: `no drill of ${model} is under way`,
    fix: `begin one: slipway drill ${model}`,
  });
}
