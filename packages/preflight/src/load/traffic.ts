// The traffic that a gate asks about, as schedules want it: how long requests are and with which gaps they come.

import type { Lengths, Pattern } from "@slipway/core";
import { parseTrace } from "@slipway/wire";
import type { GateTraffic } from "@slipway/wire/config";
import type { Files } from "../files.ts";

const TRACE_BYTES_MAX = 256 * 1024 * 1024;

export type Traffic = { readonly lengths: Lengths; readonly pattern: Pattern };

export async function trafficOf(
  { trace, lengths, arrivals }: Pick<GateTraffic, "trace" | "lengths" | "arrivals">,
  files: Files,
): Promise<Traffic> {
  if (trace === null) {
    return { lengths: { kind: "drawn", ...lengths }, pattern: { kind: "poisson" } };
  }
  const requests = parseTrace(await files.read(trace, TRACE_BYTES_MAX), trace);
  return {
    lengths: { kind: "recorded", requests },
    pattern: arrivals === "trace" ? { kind: "trace", requests } : { kind: "poisson" },
  };
}

/** Requests a second that the candidate is to take. */
export function rateOf({ peakPerSecond, share }: GateTraffic): number {
  return peakPerSecond * share;
}
