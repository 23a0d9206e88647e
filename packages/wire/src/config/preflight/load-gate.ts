// The gate `load` as slipway.yaml writes it: steps up to and past the load that the candidate is to take.

import type { LatencyLimits } from "@slipway/core";
import { z } from "zod";
import { duration, flag, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { limitFields, limitsOf, type Sending, sendingFields, sendingOf } from "./load-fields.ts";
import { type GateTraffic, trafficSchema } from "./traffic-fields.ts";

export type LoadGate = Sending & {
  readonly traffic: GateTraffic;
  readonly limits: LatencyLimits;
  readonly errorsMax: number;
  /** Of each step, and of the full one after them. */
  readonly stepMs: number;
  /** Whether the capacity is looked for, with as many requests at once as gateways let through. */
  readonly findsCapacity: boolean;
  /** What another tool measured of the candidate; none where Slipway sends the load itself. */
  readonly results: readonly string[];
};

const RESULTS_MAX = 50;
const HOUR_MS = 3_600_000;

export const loadGate: z.ZodType<LoadGate> = z
  .strictObject({
    traffic: trafficSchema,
    ...limitFields,
    errors: share("Requests that may fail, at most.").prefault("1%"),
    step: duration("How long each step of the load lasts; its first fifth is not counted.", {
      min: 1_000,
      max: 4 * HOUR_MS,
    }).prefault("10m"),
    "find-capacity": flag(
      "Whether a last step keeps in-flight-max requests under way, to see the most that a replica can do. Never at a provider's.",
    ).prefault(true),
    results: z
      .array(nameField("A file, relative to the folder of this one."))
      .max(RESULTS_MAX)
      .meta({
        description:
          "What vLLM's bench (JSON), GuideLLM (benchmarks.json) or AIPerf (profile_export.jsonl) measured of the candidate. Nothing is sent then.",
      })
      .prefault([]),
    ...sendingFields,
  })
  .refine((gate) => Object.values(limitsOf(gate)).some((limit) => limit !== null), {
    message:
      "there is nothing to hold it against: write latency-p99, ttft-p99 or token-p99, or more of them",
  })
  .meta({
    title: "the gate load",
    description:
      "The load that the candidate is to take, step by step, before anybody depends on it.",
  })
  .transform(
    (gate): LoadGate => ({
      ...sendingOf(gate),
      traffic: gate.traffic,
      limits: limitsOf(gate),
      errorsMax: gate.errors,
      stepMs: gate.step,
      findsCapacity: gate["find-capacity"],
      results: gate.results,
    }),
  );
