// What `gateway status` says of limits, over all workers.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GatewaySnapshot } from "@slipway/gateway";
import { loadText } from "slipway";

const worker = (inFlight: number, left: number | null, blockedMs: number): GatewaySnapshot =>
  ({
    versions: [
      {
        model: "chat",
        version: "v1",
        inFlight,
        queued: 3,
        queuedBackground: 1,
        refused: { "queue-full": 0, wait: 4, quota: 0 },
        upstreams: [
          { upstream: "a", inFlight, limit: 8 },
          { upstream: "b", inFlight: 0, limit: 8 },
        ],
      },
    ],
    pools: [{ pool: "account", requestsLeft: left, tokensLeft: null, blockedMs }],
  }) as unknown as GatewaySnapshot;

test("workers add up; of a pool the worker with the least is told", () => {
  assert.equal(
    loadText([worker(8, 40, 0), worker(5, 12, 1_500)]),
    `
MODEL  VERSION  UPSTREAM  IN FLIGHT  LIMIT  QUEUED            REFUSED
chat   v1       a         13         16     6 (2 background)  8 wait
chat   v1       b         0          16

POOL     REQUESTS LEFT  TOKENS LEFT  BLOCKED
account  12             -            for 2 s
`,
  );
  assert.equal(loadText([]), "");
});
