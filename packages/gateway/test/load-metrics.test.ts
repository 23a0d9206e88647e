// What a gateway tells of its limits, at /metrics.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Registry } from "prom-client";
import { addLoadMetrics } from "../src/edge/metrics/load-metrics.ts";
import { routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { chat, World } from "./virtual-world.ts";

test("limits, queues, refusals and pools are told, by their names in the table", async () => {
  const stable = versionOf(
    "v1",
    upstreamOf({ id: "u", url: "http://u.test/v1", pool: "acc", keyEnv: "KEY", inFlightMax: 2 }),
  );
  const priority = {
    header: "x-priority",
    background: ["batch"],
    otherwise: "interactive",
  } as const;
  const table = tableOf(1, routeOf({ stable, priority }));
  const world = World.leased(table, {
    secrets: { KEY: "k" },
    limits: { queuePerUpstreamMax: 2 },
  });
  const batch = (): ReturnType<typeof chat> => {
    const exchange = chat("ann");
    Object.assign(exchange, { headers: ["x-priority", "batch"] });
    return exchange;
  };
  for (let i = 0; i < 3; i++) world.ask(chat("ann"));
  for (let i = 0; i < 2; i++) world.ask(batch());
  const registry = new Registry();
  addLoadMetrics(registry, () => world.gateway.snapshot());
  const text = await registry.metrics();
  const place = 'model="gpt-5",version="v1"';
  for (const line of [
    `slipway_upstream_limit{${place},upstream="u"} 2`,
    `slipway_upstream_in_flight{${place},upstream="u"} 2`,
    `slipway_requests_queued{${place},priority="interactive"} 1`,
    `slipway_requests_queued{${place},priority="background"} 1`,
    `slipway_upstream_refused_total{${place},reason="queue-full"} 1`,
    'slipway_pool_blocked_seconds{pool="acc"} 0',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line}\nis not in\n${text}`);
  }
  world.calls[0]?.answer(429, "{}", ["retry-after", "30"]);
  assert.match(await registry.metrics(), /slipway_pool_blocked_seconds\{pool="acc"\} 30\n/);
});
