// Spend: what a client may still ask for, taken before its request is sent anywhere, and settled when it has ended.

import { rateLimited } from "../refusal.ts";
import type { Admitted } from "./admitted.ts";
import type { Context } from "./context.ts";
import { estimatedTokens } from "./estimated-tokens.ts";
import type { Identified } from "./identified.ts";
import { refuse } from "./own-answer.ts";
import type { Passage } from "./passage.ts";

/** False when the request has been answered. */
export function spend(context: Context, admitted: Admitted, identified: Identified): boolean {
  const { caller, exchange, id } = admitted;
  if (caller === null) return true;
  const nowMs = context.ports.clock.mono();
  const exhausted = caller.begin(estimatedTokens(identified.body.length), nowMs);
  if (exhausted === null) return true;
  const refusal = rateLimited(exhausted.limit, exhausted.retryAfterMs);
  context.observe.refused(refusal.code, caller.client.name);
  const headers = ["x-slipway-request-id", id];
  caller.addHeaders(headers, nowMs);
  refuse(exchange, id, refusal, headers);
  return false;
}

/** Once for every request that went on. */
export function settle(passage: Passage, nowMs: number): void {
  const { caller, inputTokens: begun, scan } = passage;
  if (caller === null) return;
  const usage = scan?.usage() ?? null;
  // What an upstream does not count is counted by what went by; an error costs nothing.
  const uncounted = scan === null ? 0 : begun + scan.outputCount();
  caller.end(begun, usage === null ? uncounted : usage.inputTokens + usage.outputTokens, nowMs);
}
