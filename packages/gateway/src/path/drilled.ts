// The fault of a drill: a request that carries it fails at the candidate, and at that of a stand-in alone, which has no users.

import { DRILL_FAULT, DRILL_FAULT_HEADER, type ServingArm } from "@slipway/core";
import { headerOf } from "../headers.ts";
import type { Passage } from "./passage.ts";

export function isDrilled({ destination, exchange }: Passage, arm: ServingArm): boolean {
  if (arm !== "candidate" || destination.route.drill !== true) return false;
  return headerOf(exchange.headers, DRILL_FAULT_HEADER) === DRILL_FAULT;
}
