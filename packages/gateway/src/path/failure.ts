// How an attempt failed before any of its body was relayed, and whether stable may try instead.

import type { Outcome, ServingArm } from "@slipway/core";

export type Failure = {
  /** For a 4xx of the candidate this is `client_error` until stable's answer shows otherwise. */
  readonly outcome: Outcome;
  /** The upstream's status; null when it gave none. */
  readonly status: number | null;
  /** The upstream may have seen the request. */
  readonly dispatched: boolean;
};

/** What an upgrade may break for requests that were right before. */
const UPGRADE_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 413, 422]);

/** The outcome of an answer with a status of 400 or more; `hasOwnKey` where the key was the upstream's own. */
export function outcomeOfStatus(status: number, hasOwnKey: boolean): Outcome {
  if (status === 429) return "rate_limited";
  // The client had no part in a key that was refused.
  if (hasOwnKey && (status === 401 || status === 403)) return "server_error";
  return status >= 500 ? "server_error" : "client_error";
}

/** Whether a status is one that another version might not have given. */
export function isReplayableStatus(status: number): boolean {
  return status >= 500 || status === 429 || UPGRADE_STATUSES.has(status);
}

/** Neither followed nor passed on: it would lead a client, and its key, past the gateway. 304 leads nowhere. */
export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

export type ReplayFacts = {
  readonly arm: ServingArm;
  readonly enabled: boolean;
  readonly isCommitted: boolean;
  readonly hasSideEffects: boolean;
  readonly failure: Failure;
  /** Stable has no upstream outside the pool of the failed one. */
  readonly samePool: boolean;
  /** Time left until the request's deadline. */
  readonly leftMs: number;
};

/** Whether a failed attempt may be replayed to stable, its budget aside. */
export function mayReplay(facts: ReplayFacts): boolean {
  const { failure } = facts;
  if (facts.arm !== "candidate" || !facts.enabled || facts.isCommitted) return false;
  if (facts.leftMs <= 0) return false;
  if (facts.hasSideEffects && failure.dispatched) return false;
  // A limit of the gateway's own says nothing about the pool; only the pool's answer does.
  if (failure.status === 429 && facts.samePool) return false;
  return failure.status === null || failure.status < 400 || isReplayableStatus(failure.status);
}
