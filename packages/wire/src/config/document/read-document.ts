// readDocument: the text of a YAML file and a zod schema → its value, or everything that is wrong with it, in the same
// words and with the same places as for slipway.yaml.

import { z } from "zod";
import { type Problem, problemsOf } from "./problem.ts";
import { shapeFindings } from "./shape-findings.ts";
import { yamlDocument } from "./yaml-document.ts";

export type DocumentSource = {
  /** As problems name it. */
  readonly file: string;
  readonly text: string;
};

export type ReadDocument<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function readDocument<T>(
  { file, text }: DocumentSource,
  schema: z.ZodType<T>,
): ReadDocument<T> {
  const { root, findings } = yamlDocument(text);
  const parsed = root === null ? null : schema.safeParse(root.value);
  if (parsed?.success === true && findings.length === 0) return { ok: true, value: parsed.data };
  const notation = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  const shape =
    root === null || parsed?.error === undefined
      ? []
      : shapeFindings(parsed.error.issues, root, notation);
  return { ok: false, problems: problemsOf(file, text, [...findings, ...shape]) };
}
