// A field that holds a name: any text but an empty one.

import type { z } from "zod";
import { kindOf, type Reading } from "../document/quantity.ts";
import { field } from "./field.ts";

export function nameField(description: string): z.ZodType<string> {
  return field((value) => readName(value), { type: "string", minLength: 1, description });
}

function readName(value: unknown): Reading<string> {
  if (typeof value === "string" && value.trim() !== "") return { ok: true, value };
  const fix =
    typeof value === "number" || typeof value === "boolean" ? "put it in quotes" : "write a name";
  return { ok: false, message: `${value === "" ? "nothing" : kindOf(value)} is not a name`, fix };
}
