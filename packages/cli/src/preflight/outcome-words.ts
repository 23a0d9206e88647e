// The outcomes of a gate in words.

import type { GateOutcome } from "@slipway/core";

export const OUTCOME_WORDS: { readonly [outcome in GateOutcome]: string } = {
  pass: "pass",
  fail: "FAIL",
  inconclusive: "cannot tell",
  "not-applicable": "does not apply",
};
