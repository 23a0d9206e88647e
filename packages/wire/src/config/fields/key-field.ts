// A field that names the environment variable of a key: the key itself never enters Slipway's files.

import type { z } from "zod";
import type { Reading } from "../document/quantity.ts";
import { field } from "./field.ts";

const KEY_PATTERN = "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$";

/** Read as the variable's name. `whose`: which program's environment it is of. */
export function keyField(description: string, whose: string): z.ZodType<string> {
  return field((value) => readKey(value, whose), {
    type: "string",
    pattern: KEY_PATTERN,
    description,
    examples: [`\${UPSTREAM_KEY}`],
  });
}

function readKey(value: unknown, whose: string): Reading<string> {
  if (typeof value === "string" && new RegExp(KEY_PATTERN).test(value)) {
    return { ok: true, value: value.slice(2, -1) };
  }
  const variable = typeof value === "string" && /^\$?\{?[A-Z][A-Z0-9_]*\}?$/.test(value);
  return {
    ok: false,
    message: variable
      ? `a key is written as \${NAME}, and nothing else`
      : "this is not the name of an environment variable; secrets do not belong in this file",
    fix: variable
      ? `did you mean \${${value.replace(/[${}]/g, "")}}?`
      : `put the key in an environment variable of ${whose}, and write \${NAME} here`,
  };
}
