// The fault of a drill: a request that carries it fails at the candidate, and at that of a stand-in alone, which has no users.

import { DRILL_FAULT, DRILL_FAULT_HEADER, type ServingArm } from "@slipway/core";
import { headerOf } from "../headers.ts";
import type { Exchange } from "../ports.ts";
import type { Destination } from "../table/routing.ts";

type Sent = { readonly destination: Destination; readonly exchange: Exchange };

export function isDrilled({ destination, exchange }: Sent, arm: ServingArm): boolean {
  if (arm !== "candidate" || destination.route.drill !== true) return false;
  return headerOf(exchange.headers, DRILL_FAULT_HEADER) === DRILL_FAULT;
}
