// A field that names where a secret is: a variable of the environment, or a file. The secret itself never enters
// slipway.yaml, nor what the controller stores.

import type { Secret } from "@slipway/core";
import type { z } from "zod";
import type { Reading } from "../document/quantity.ts";
import { field } from "./field.ts";

const SECRET_PATTERN = "^(?:\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}|file:.+)$";
const PATH_LENGTH_MAX = 1_000;

export function secretField(description: string): z.ZodType<Secret> {
  return field(readSecret, {
    type: "string",
    pattern: SECRET_PATTERN,
    description: `${description} \${NAME} of an environment variable of the program that sends, or file:PATH on its machine.`,
    examples: [`\${NAME}`, "file:/run/secrets/name"],
  });
}

export function readSecret(value: unknown): Reading<Secret> {
  const text = typeof value === "string" ? value : "";
  const name = /^\$\{([A-Za-z_]\w*)\}$/.exec(text)?.[1];
  if (name !== undefined) return { ok: true, value: { kind: "env", name } };
  const path = /^file:(.+)$/.exec(text)?.[1];
  if (path !== undefined && path.length <= PATH_LENGTH_MAX) {
    return { ok: true, value: { kind: "file", path } };
  }
  return {
    ok: false,
    message: "this does not say where a secret is; secrets do not belong in this file",
    fix: `put it in an environment variable and write \${NAME}, or in a file and write file:PATH`,
  };
}
