// Who may read what the data port tells of the gateway itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Table } from "@slipway/core";
import { withOwnRoutes } from "../src/edge/own-routes.ts";
import { routeOf, tableOf } from "./fixtures.ts";
import { FakeExchange, World } from "./virtual-world.ts";

const LIMITS = { requestsPerMinute: null, tokensPerMinute: null, inFlightMax: null };
const CLOSED: Table = {
  ...tableOf(1, routeOf()),
  clients: [{ name: "app", keyHashes: ["0".repeat(64)], models: null, ...LIMITS }],
};

type Asked = {
  readonly path: string;
  readonly table: Table;
  readonly token?: string;
  readonly sent?: string;
};

/** The status and the text that somebody gets. */
async function told({ path, sent, table, token = "" }: Asked): Promise<readonly [number, string]> {
  const world = World.leased(table);
  const metricsText = () => Promise.resolve("slipway_requests_total 1\n");
  const handle = withOwnRoutes(world.gateway, { metricsText, metricsToken: token || null });
  const headers = sent === undefined ? [] : ["Authorization", sent];
  const exchange = new FakeExchange("", headers, path, "GET");
  handle(exchange);
  await Promise.resolve();
  return [exchange.status, exchange.received];
}

test("without clients and without a token anybody reads metrics", async () => {
  const [status, text] = await told({ path: "/metrics", table: tableOf(1, routeOf()) });
  assert.deepEqual([status, text], [200, "slipway_requests_total 1\n"]);
});

test("where clients are declared metrics need a token of their own, and the refusal says how to set it", async () => {
  const [status, text] = await told({ path: "/metrics", table: CLOSED, sent: "Bearer key" });
  assert.equal(status, 403);
  assert.match(text, /SLIPWAY_METRICS_TOKEN/);
});

test("with a token whoever sends it reads metrics, and nobody else, with clients or without", async () => {
  for (const table of [CLOSED, tableOf(1, routeOf())]) {
    const asked = { path: "/metrics", table, token: "secret" };
    assert.equal((await told({ ...asked, sent: "Bearer secret" }))[0], 200);
    for (const sent of ["Bearer secre", "secret", "Bearer secret ", ""]) {
      assert.equal((await told({ ...asked, sent }))[0], 401, sent);
    }
    assert.equal((await told(asked))[0], 401);
  }
});

test("health is told to everybody, and which models are diverted only to whom metrics are", async () => {
  const stranger = await told({ path: "/healthz", table: CLOSED });
  assert.deepEqual(stranger, [200, '{"status":"ok"}\n']);
  const [, text] = await told({ path: "/healthz", table: CLOSED, token: "t", sent: "Bearer t" });
  assert.deepEqual(Object.keys(JSON.parse(text)), ["status", "table", "leaseMs", "diverted"]);
});
