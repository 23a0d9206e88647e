// The gate `soak` as slipway.yaml writes it: a steady load for a time, and what must not grow under it.

import { z } from "zod";
import { readBaseUrl } from "../fields/base-url.ts";
import { count, duration, field, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { type Sending, sendingFields, sendingOf } from "./load-fields.ts";
import { type GateTraffic, trafficSchema } from "./traffic-fields.ts";

export type SoakGate = Sending & {
  readonly traffic: GateTraffic;
  /** Of that load, what is held. */
  readonly level: number;
  readonly lengthMs: number;
  readonly uptimeMs: number;
  readonly errorsMax: number;
  readonly falseAlarmMax: number;
  /** Where the engine tells its memory; null for /metrics beside each upstream's /v1. */
  readonly metricsUrl: string | null;
  /** The metric's name, in bytes. */
  readonly metric: string;
  /** What its memory must not come to; null for twice what it is. */
  readonly memoryMiBMax: number | null;
};

const HOUR_MS = 3_600_000;

export const soakGate: z.ZodType<SoakGate> = z
  .strictObject({
    traffic: trafficSchema,
    level: share("Of that load, what is held.", { min: 0, above: true }).prefault("75%"),
    length: duration("How long it is held; growth is looked for in its second half.", {
      min: 24_000,
      max: 72 * HOUR_MS,
    }).prefault("1h"),
    uptime: duration("It fails when a limit would be reached within this time.", {
      min: HOUR_MS,
      max: 365 * 24 * HOUR_MS,
    }).prefault("7d"),
    errors: share("Requests that may fail, at most.").prefault("1%"),
    "false-alarm": share("Chance that it finds growth where there is none, over all it watches.", {
      min: 0,
      above: true,
      max: 0.5,
    }).prefault("1%"),
    "metrics-url": field(readBaseUrl, {
      type: "string",
      pattern: "^https?://",
      description:
        "Where the engine tells its memory, in Prometheus' text form. Default: /metrics beside the /v1 of each upstream.",
    }).optional(),
    metric: nameField("The metric that tells it, in bytes.").prefault(
      "process_resident_memory_bytes",
    ),
    "memory-mib": count("What its memory must not come to, in MiB. Default: twice what it is.", {
      min: 1,
    }).optional(),
    ...sendingFields,
  })
  .meta({
    title: "the gate soak",
    description: "A steady load for a time, and whether latency or memory grow under it.",
  })
  .transform(
    (gate): SoakGate => ({
      ...sendingOf(gate),
      traffic: gate.traffic,
      level: gate.level,
      lengthMs: gate.length,
      uptimeMs: gate.uptime,
      errorsMax: gate.errors,
      falseAlarmMax: gate["false-alarm"],
      metricsUrl: gate["metrics-url"] ?? null,
      metric: gate.metric,
      memoryMiBMax: gate["memory-mib"] ?? null,
    }),
  );
