// How the versions of a world of guards behave, chance by chance.

import type { Policy } from "@slipway/core";

export type ArmBehaviour = {
  /** Share of requests that fail, in each segment. */
  readonly errorRate: (segment: number) => number;
  readonly p99Ms: number;
  /** Of streams' first tokens; null where nothing streams. */
  readonly p99TtftMs: number | null;
  /** A part of the answers takes so much longer, in all; none where absent. */
  readonly tail?: Tail;
};

export type Tail = { readonly share: number; readonly moreMs: number };

export type World = {
  readonly policy: Policy;
  readonly perMinute: number;
  /** Equally large. */
  readonly segments: number;
  /** So many users send all requests, each for good in one arm, and one in six has all the failures. Null: no two requests are related. */
  readonly users: number | null;
  readonly stable: ArmBehaviour;
  readonly candidate: ArmBehaviour;
  /** Whether the candidate behaves like stable until all stages are behind it. */
  readonly late: boolean;
  readonly hours: number;
  /** What both arms' latencies are multiplied by, `fromMs` after the start; 1 where absent. */
  readonly slowness?: (fromMs: number) => number;
  /** What the requests a minute are multiplied by; 1 where absent. */
  readonly demand?: (fromMs: number) => number;
  /** Pools that both versions use; none where absent. */
  readonly sharedPools?: readonly string[];
};
