// priorityOf(policy, headers, scan) → whose turn it is: what the configured header says, else what the body's service
// tier does, else what the policy says of all others.

import type { PriorityPolicy } from "@slipway/core";
import type { BodyScan } from "../body/body-scan.ts";
import { headerOf } from "../headers.ts";
import type { RawHeaders } from "../ports.ts";
import type { Priority } from "../upstream/priority.ts";

/** Tiers that are cheaper because they may wait: OpenAI's, and Anthropic's name for its own. */
const BACKGROUND_TIERS: ReadonlySet<string> = new Set(["flex", "batch"]);

export function priorityOf(
  policy: PriorityPolicy,
  headers: RawHeaders,
  scan: BodyScan | null,
): Priority {
  const named = policy.header === null ? null : headerOf(headers, policy.header);
  if (named !== null) {
    return policy.background.includes(named.trim().toLowerCase()) ? "background" : "interactive";
  }
  const tier = scan?.serviceTier ?? null;
  if (tier !== null && BACKGROUND_TIERS.has(tier)) return "background";
  return policy.otherwise;
}
