// The fault of a drill: a request that carries it fails at the candidate, and at that of a stand-in alone, which has no users.
// The upstream is not asked, and not held responsible.

import { DRILL_FAULT_HEADER, type DrillFault, drillFaultOf, type ServingArm } from "@slipway/core";
import { headerOf } from "../headers.ts";
import type { Exchange, RawHeaders, UpstreamFailure } from "../ports.ts";
import type { Destination } from "../table/routing.ts";

type Asked = { readonly destination: Destination; readonly exchange: Exchange };

const encoder = new TextEncoder();

/** Null where it is to be answered. */
export function drillFaultIn({ destination, exchange }: Asked, arm: ServingArm): DrillFault | null {
  if (arm !== "candidate" || destination.route.drill !== true) return null;
  return drillFaultOf(headerOf(exchange.headers, DRILL_FAULT_HEADER) ?? "");
}

export const DRILL_FAILURE: UpstreamFailure = { kind: "connect", message: "the fault of a drill" };

/** As a server answers that is there, and broken. */
export const DRILL_ERROR: {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
} = {
  status: 503,
  headers: ["content-type", "application/json"],
  body: encoder.encode('{"error":{"message":"the fault of a drill"}}'),
};
