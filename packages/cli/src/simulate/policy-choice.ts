// Which policy is rehearsed: that of a file, for one model of it, or the defaults of a team that has told Slipway what
// language requests are in, and nothing else.

import type { Policy } from "@slipway/core";
import { loadPolicies } from "@slipway/wire/config";
import { checkedPolicies } from "../config/config-check.ts";
import { usageError } from "../output.ts";
import type { Context } from "../terminal.ts";

export type PolicyChoice = {
  /** As people call it. */
  readonly name: string;
  readonly policy: Policy;
};

const DEFAULTS = "segments: {language: {header: x-language}}\n";

export function policyChoice(
  context: Context,
  options: { readonly policy?: string; readonly model?: string; readonly json?: boolean },
): PolicyChoice {
  const { policy: file, model } = options;
  if (file === undefined) {
    if (model === undefined) return { name: "the defaults", policy: defaultPolicy() };
    throw usageError("--model goes with --policy", "name the slipway.yaml that has this model");
  }
  const policies = checkedPolicies(context, file, options.json === true);
  const names = policies.flatMap((one) => (one.model === null ? [] : [one.model]));
  const chosen = policies.find((one) =>
    model === undefined ? policies.length === 1 : one.model === model,
  );
  if (chosen !== undefined) {
    const of = chosen.model === null || names.length < 2 ? "" : ` of ${chosen.model}`;
    return { name: `${file}${of}`, policy: chosen.policy };
  }
  if (model !== undefined) {
    const there = names.length === 0 ? "a policy for any model" : `models ${names.join(", ")}`;
    throw usageError(`${file} has no model ${model}`, `it has ${there}`);
  }
  throw usageError(`${file} has several models`, `choose with --model: ${names.join(", ")}`);
}

function defaultPolicy(): Policy {
  const loaded = loadPolicies({
    file: "defaults",
    text: DEFAULTS,
    sha256: (text) => text,
    isSet: null,
  });
  const [only] = loaded.ok ? loaded.policies : [];
  if (only === undefined) throw new Error("the default policy cannot be read");
  return only.policy;
}
