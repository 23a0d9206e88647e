// The name of a request header as a leaf of slipway.yaml.

import type { z } from "zod";
import { kindOf, quoted, type Reading } from "../document/quantity.ts";
import { field } from "./field.ts";

export const HEADER_PATTERN = "^[A-Za-z0-9][A-Za-z0-9-]{0,63}$";

export function header(description: string): z.ZodType<string> {
  return field((value) => readHeader(value), {
    type: "string",
    pattern: HEADER_PATTERN,
    description,
    examples: ["x-user-id"],
  });
}

function readHeader(value: unknown): Reading<string> {
  if (typeof value === "string" && new RegExp(HEADER_PATTERN).test(value)) {
    return { ok: true, value: value.toLowerCase() };
  }
  const is = typeof value === "string" ? quoted(value) : kindOf(value);
  return {
    ok: false,
    message: `${is} is not the name of a header`,
    fix: "write a name of letters, digits and dashes, such as x-user-id",
  };
}
