// The dimensions that traffic is told apart by, as slipway.yaml writes them, and as core knows them.

import { DETECTED, type Detected, type Dimension } from "@slipway/core";
import { z } from "zod";
import { DIMENSIONS_MAX } from "../../segment.ts";
import { kindOf, quoted, type Reading } from "../document/quantity.ts";
import { field, flag } from "../fields/field.ts";
import { header } from "../fields/header-field.ts";

const FIELD_PATTERN = "^[A-Za-z0-9_-]{1,64}(\\.[A-Za-z0-9_-]{1,64}){0,3}$";

function readField(value: unknown): Reading<readonly string[]> {
  if (typeof value === "string" && new RegExp(FIELD_PATTERN).test(value)) {
    return { ok: true, value: value.split(".") };
  }
  const is = typeof value === "string" ? quoted(value) : kindOf(value);
  return {
    ok: false,
    message: `${is} is not the path of a field`,
    fix: "write the names of at most four nested fields with dots between them, such as metadata.language",
  };
}

const dimension = z
  .strictObject({
    header: header("Request header that has the value.").optional(),
    field: field(readField, {
      type: "string",
      pattern: FIELD_PATTERN,
      description: "Field of the request's body that has the value, where the header has none.",
      examples: ["metadata.language"],
    }).optional(),
    detect: flag(
      "Whether a gateway finds the value out by itself where neither has it: for language, surface, client and input-length.",
    ).prefault(true),
  })
  .meta({ title: "a segment" });

function isDetected(name: string): name is Detected {
  return DETECTED.some((detected) => detected === name);
}

/** Name → dimension, as a list in the order of the file. */
export const segmentsSchema: z.ZodType<readonly Dimension[]> = z
  .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), dimension)
  .meta({
    title: "segments",
    description:
      "What traffic is told apart by, by name. The first is judged by itself; the others are counted.",
    maxProperties: DIMENSIONS_MAX,
  })
  .transform((dimensions) =>
    Object.entries(dimensions).map(
      ([name, written]): Dimension => ({
        name,
        header: written.header ?? null,
        field: written.field ?? null,
        detect: isDetected(name) && written.detect !== false ? name : null,
      }),
    ),
  );
