// loadPolicies: the policies of a slipway.yaml, or of a file that has nothing but what stands under `policy` there.

import type { Policy } from "@slipway/core";
import { z } from "zod";
import type { Located } from "./document/located.ts";
import { type Problem, problemsOf } from "./document/problem.ts";
import { shapeFindings } from "./document/shape-findings.ts";
import { yamlDocument } from "./document/yaml-document.ts";
import { meaningFindings } from "./findings/meaning-findings.ts";
import { type ConfigSource, loadConfig } from "./load.ts";
import { policySchema } from "./schemas/policy-schema.ts";

export type LoadedPolicies =
  | {
      readonly ok: true;
      readonly problems: readonly Problem[];
      /** Null for a policy of any model. */
      readonly policies: readonly { readonly model: string | null; readonly policy: Policy }[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function loadPolicies(source: ConfigSource): LoadedPolicies {
  const { root, findings: syntax } = yamlDocument(source.text);
  if (root === null || root.entries?.has("models") !== false) return ofConfig(source);
  const parsed = policySchema.safeParse(root.value);
  const schema = z.toJSONSchema(policySchema, { io: "input", target: "draft-7" });
  const shape = parsed.success ? [] : shapeFindings(parsed.error.issues, root, schema);
  const findings = [...syntax, ...shape, ...meaningFindings(asConfig(root), null)];
  const problems = problemsOf(source.file, source.text, findings);
  if (!parsed.success || findings.some(({ severity }) => severity === "error")) {
    return { ok: false, problems };
  }
  return { ok: true, problems, policies: [{ model: null, policy: parsed.data }] };
}

function ofConfig(source: ConfigSource): LoadedPolicies {
  const loaded = loadConfig(source);
  if (!loaded.ok) return loaded;
  const policies = loaded.models.map(({ name: model, policy }) => ({ model, policy }));
  return { ok: true, problems: loaded.problems, policies };
}

/** As it would stand in a whole file: what looks for its mistakes looks for it there. */
function asConfig(policy: Located): Located {
  const { span } = policy;
  const within = (key: string, node: Located): Located => ({
    span,
    value: { [key]: node.value },
    entries: new Map([[key, { key: span, node }]]),
  });
  return within("models", within("a model", within("policy", policy)));
}
