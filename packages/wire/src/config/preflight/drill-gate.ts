// The gate `drill` as slipway.yaml writes it: when the way back is rehearsed, and how soon it must be seen and confirmed.
// The controller is told too: it has the drill run by its schedule.

import type { DrillOrder } from "@slipway/core";
import { z } from "zod";
import { readBaseUrl } from "../fields/base-url.ts";
import { duration, field } from "../fields/field.ts";
import { keyField } from "../fields/key-field.ts";
import { cronField } from "./cron-field.ts";

const GATEWAYS_MAX = 50;
/** Of each of the two: with its beginning, a drill has ended well before it counts as left behind. */
const WITHIN_MS_MAX = 600_000;

export const drillGate: z.ZodType<DrillOrder> = z
  .strictObject({
    schedule: cronField(
      "When the controller's program drills by itself, as a cron expression of five fields in its time zone. Default: when somebody asks.",
    ).optional(),
    gateways: z
      .array(
        field(readBaseUrl, {
          type: "string",
          pattern: "^https?://",
          description: "A gateway, as clients call it, up to and with /v1.",
        }),
      )
      .min(1)
      .max(GATEWAYS_MAX)
      .meta({
        description: "Gateways that get the synthetic requests. Default: one on this machine.",
      })
      .prefault(["http://127.0.0.1:4700/v1"]),
    key: keyField(
      `A client's key for them, as \${NAME} of an environment variable of whoever runs the drill: the controller's program, or slipway drill.`,
      "slipway drill",
    ).optional(),
    "detect-within": duration("From the fault to the decision to go back, at most.", {
      min: 1_000,
      max: WITHIN_MS_MAX,
    }).prefault("60s"),
    "confirm-within": duration("From that decision to the last gateway's confirmation, at most.", {
      min: 1_000,
      max: WITHIN_MS_MAX,
    }).prefault("30s"),
  })
  .meta({
    title: "the gate drill",
    description: "The way back, rehearsed on the real path with synthetic users.",
  })
  .transform(
    (gate): DrillOrder => ({
      schedule: gate.schedule ?? null,
      gateways: gate.gateways,
      keyEnv: gate.key ?? null,
      detectMsMax: gate["detect-within"],
      confirmMsMax: gate["confirm-within"],
    }),
  );

/** As a file sets it up that says nothing more: for rehearsals that lessons alone ask for. */
export const DRILL_OF_LESSONS: DrillOrder = drillGate.parse({});
