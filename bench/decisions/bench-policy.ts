// The policy that the benchmark decides by: the defaults, told what language requests are in.
import type { Policy } from "@slipway/core";
import { policyOf } from "../default-policy.ts";

export function benchPolicy(): Policy {
  return policyOf("      segments: {language: {header: x-language}}\n");
}
