// The policy that the incidents are opened by: the defaults, told what language requests are in, and without forecasts,
// which would refuse a stage before there is an incident to analyse.
import type { Policy } from "@slipway/core";
import { policyOf } from "../default-policy.ts";

export function causesPolicy(): Policy {
  return policyOf(
    "      segments: {language: {header: x-language}}\n      forecast: {enabled: false}\n",
  );
}
