// Whose answer a request got, as feedback and scores about it need it; and how they are counted.

import type { Heard } from "@slipway/core";
import type { Answered } from "../feedback/answer-id.ts";
import type { Context } from "./context.ts";
import type { Passage } from "./passage.ts";

export function answeredOf(passage: Passage): Answered {
  const { destination, id, observed, segment } = passage;
  return {
    id,
    model: destination.route.model,
    version: passage.answeringBalancer.version.id,
    arm: passage.answeringArm,
    segment: observed?.key.segment ?? segment,
    cohort: observed === null ? null : { ...observed.key, bucket: observed.bucket },
  };
}

/** False where the rollout that the answer is evidence of is not under way any more, or never was. */
export function countHeard(
  { recorder, routing }: Context,
  answered: Answered,
  heard: Heard,
): boolean {
  const { cohort, model } = answered;
  const route = routing()?.destinations.get(model)?.route;
  if (cohort === null || route?.split?.rolloutId !== cohort.rolloutId) return false;
  recorder.hear(answered, heard, route.evidence.tickMs);
  return true;
}
