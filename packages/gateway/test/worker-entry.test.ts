// What workers' processes are started with.

import assert from "node:assert/strict";
import cluster from "node:cluster";
import { test } from "node:test";
import { youngFlags } from "../src/edge/crew/worker-entry.ts";
import { routeOf, tableOf } from "./fixtures.ts";
import { liveGateway } from "./live-gateway.ts";

test("a worker's young heap is bounded, unless an operator bounds it", async () => {
  assert.deepEqual(youngFlags(["--enable-source-maps", ""]), ["--max-semi-space-size=16"]);
  assert.deepEqual(youngFlags(["", "--trace-gc --max_semi_space_size=32"]), []);
  const live = await liveGateway(tableOf(1, routeOf()), 2);
  for (const worker of Object.values(cluster.workers ?? {})) {
    assert.ok(worker?.process.spawnargs.includes("--max-semi-space-size=16"));
  }
  await live.close();
});
