// The demo's traffic: a recorded trace, compressed until it has the demo's rate, or a synthetic one with mild bursts.

import { readFileSync } from "node:fs";
import { createRandom } from "@slipway/core";
import { type Arrivals, compress, ratePerSecond, replay, synthetic } from "@slipway/simulator";
import { parseTrace, SlipwayError } from "@slipway/wire";

/** Requests per second on average. */
const DEMO_RATE = 120;
/** Of 1, where 1 is as bursty as the recorded code trace. */
const BURSTINESS = 0.05;

export type Traffic = { readonly arrivals: Arrivals; readonly description: string };

export function trafficOf(traceFile: string | null, seed: number): Traffic {
  if (traceFile === null) {
    const options = { ratePerSecond: DEMO_RATE, burstiness: BURSTINESS };
    return {
      arrivals: synthetic(options, createRandom(seed)),
      description: `${DEMO_RATE} requests/s, synthetic, with bursts`,
    };
  }
  const trace = parseTrace(read(traceFile), traceFile);
  const factor = DEMO_RATE / ratePerSecond(trace);
  // Another seed begins elsewhere in the trace.
  const spanMs = trace.at(-1)?.atMs ?? 0;
  const skipMs = (createRandom(seed).next() * spanMs) / factor;
  return {
    arrivals: replay(compress(trace, factor), { loop: true, skipMs }),
    description: `${trace.length} recorded requests, ${factor.toFixed(1)} times as fast, ${DEMO_RATE} requests/s on average`,
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SlipwayError({
      code: "trace_missing",
      status: 400,
      message: `cannot read the trace ${file}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "name a CSV file in the format of the Azure LLM inference traces, or leave --trace out",
    });
  }
}
