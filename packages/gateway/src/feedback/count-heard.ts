// Counts what was heard of an answer.

import type { Heard } from "@slipway/core";
import type { Context } from "../path/context.ts";
import type { Answered } from "./answer-id.ts";

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
