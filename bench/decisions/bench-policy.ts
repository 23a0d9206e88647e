// The policy that the benchmark decides by: the defaults, told what language requests are in.
import type { Policy } from "@slipway/core";
import { holdbackLine, policyOf } from "../default-policy.ts";

export function benchPolicy(holdback?: string): Policy {
  return policyOf(`      segments: {language: {header: x-language}}\n${holdbackLine(holdback)}`);
}
