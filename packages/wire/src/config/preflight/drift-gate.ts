// The gate `drift` as slipway.yaml writes it: what is asked to see whether a version still answers as it did, when, and how
// sure an alarm must be. The controller is told too, with the probes themselves: it has them asked by its schedule.

import { z } from "zod";
import { duration, share } from "../fields/field.ts";
import { nameField } from "../fields/name-field.ts";
import { cronField } from "./cron-field.ts";

export type DriftGate = {
  readonly schedule: string | null;
  /** Those that are watched by schedule; none for the stable one. */
  readonly versions: readonly string[];
  /** Files of prompts; none for those of the gate prompts. */
  readonly probes: readonly string[];
  readonly timeoutMs: number;
  readonly falseAlarmMax: number;
  readonly margin: number;
};

const FILES_MAX = 100;
const VERSIONS_MAX = 100;
const HOUR_MS = 3_600_000;

export const driftGate: z.ZodType<DriftGate> = z
  .strictObject({
    schedule: cronField(
      "When the controller's program looks by itself, as a cron expression of five fields in its time zone. Default: when somebody asks.",
    ).optional(),
    versions: z
      .array(nameField("A version of this model."))
      .max(VERSIONS_MAX)
      .meta({ description: "Versions that are looked at by schedule. Default: what is stable." })
      .prefault([]),
    probes: z
      .array(nameField("A file of prompts, as the gate prompts takes them."))
      .max(FILES_MAX)
      .meta({
        description:
          "What is asked: files of prompts, relative to the folder of this file. Default: those of the gate prompts.",
      })
      .prefault([]),
    timeout: duration("An answer that takes longer counts as none.", {
      min: 1_000,
      max: HOUR_MS,
    }).prefault("60s"),
    "false-alarm": share(
      "Chance that a version which has not changed is ever said to have, however often it is looked at.",
      { min: 0.0001, max: 0.2 },
    ).prefault("1%"),
    margin: share(
      "How much less often than with itself a version may agree with its baseline, and still count as unchanged.",
      { min: 0.01, max: 0.5 },
    ).prefault("10%"),
  })
  .meta({
    title: "the gate drift",
    description: "Whether what answers under an unchanged name still answers as it did.",
  })
  .transform(
    (gate): DriftGate => ({
      schedule: gate.schedule ?? null,
      versions: gate.versions,
      probes: gate.probes,
      timeoutMs: gate.timeout,
      falseAlarmMax: gate["false-alarm"],
      margin: gate.margin,
    }),
  );
