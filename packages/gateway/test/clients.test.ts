// Clients with keys: who gets in, what they may call, how much of it, and that a key of the gateway goes no further.

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import type { Client, Table } from "@slipway/core";
import { resetText } from "../src/client/caller.ts";
import { bytes, routeOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { FakeExchange, STREAM_TYPE, World } from "./virtual-world.ts";

const KEY = "slipway_editor";
const OTHER_KEY = "slipway_reviewer";

function clientOf(fields: Partial<Client> = {}): Client {
  return {
    name: "editor",
    keyHashes: [hash("sha256", KEY, "hex")],
    models: null,
    requestsPerMinute: null,
    tokensPerMinute: null,
    inFlightMax: null,
    ...fields,
  };
}

const REVIEWER = clientOf({ name: "reviewer", keyHashes: [hash("sha256", OTHER_KEY, "hex")] });
const ROUTES = [routeOf(), routeOf({ model: "gpt-mini" })];

function closedTable(number: number, ...clients: readonly Client[]): Table {
  return { ...tableOf(number, ...ROUTES), clients };
}

function bearer(key: string): readonly string[] {
  return ["Authorization", `Bearer ${key}`];
}

function ask(world: World, headers: readonly string[], model = "gpt-5"): FakeExchange {
  return world.ask(new FakeExchange({ model, messages: [] }, headers));
}

test("without a key, or with one that is nobody's, a request gets 401 in the API's own envelope", () => {
  const world = World.leased(closedTable(1, clientOf()));
  const none = ask(world, []);
  assert.equal(none.status, 401);
  assert.equal(none.header("www-authenticate"), "Bearer");
  const { error } = JSON.parse(none.received);
  assert.deepEqual([error.type, error.code], ["invalid_request_error", "invalid_api_key"]);
  assert.match(error.message, /no API key/);
  assert.equal(ask(world, bearer("slipway_nobody")).status, 401);
  assert.equal(ask(world, ["Authorization", `Basic ${KEY}`]).status, 401);
  assert.equal(ask(world, bearer(`${KEY}x`.repeat(100))).status, 401);
  assert.equal(ask(world, bearer(hash("sha256", KEY, "hex"))).status, 401);
  const anthropic = world.ask(new FakeExchange({ model: "gpt-5" }, [], "/v1/messages"));
  assert.equal(anthropic.status, 401);
  assert.equal(JSON.parse(anthropic.received).error.type, "authentication_error");
  assert.equal(world.calls.length, 0);
});

test("either header opens the gateway, and neither reaches an upstream", () => {
  const keyed = versionOf("v1", upstreamOf({ url: "http://keyed.test/v1", keyEnv: "OWN" }));
  const routes = [routeOf(), routeOf({ model: "keyed", stable: keyed })];
  const table = { ...tableOf(1, ...routes), clients: [clientOf()] };
  const world = World.leased(table, { secrets: { OWN: "upstream-key" } });
  for (const headers of [bearer(KEY), ["X-Api-Key", KEY], [...bearer("x"), "x-api-key", KEY]]) {
    ask(world, headers);
    assert.ok(!world.lastCall.request.headers.some((part) => part.includes(KEY)));
    world.lastCall.answer();
  }
  ask(world, bearer(KEY), "keyed");
  assert.ok(world.lastCall.request.headers.includes("Bearer upstream-key"));
});

test("where no clients are declared, a client's own key goes on to an upstream without one", () => {
  const world = World.leased(tableOf(1, ...ROUTES));
  ask(world, bearer("sk-mine"));
  assert.ok(world.lastCall.request.headers.includes("Bearer sk-mine"));
});

test("a model that a key may not call is told in the words of one that does not exist, and is not listed", () => {
  const world = World.leased(closedTable(1, clientOf({ models: ["gpt-mini"] }), REVIEWER));
  const hidden = ask(world, bearer(KEY), "gpt-5");
  const missing = ask(world, bearer(KEY), "gpt-9");
  assert.deepEqual([hidden.status, missing.status], [404, 404]);
  assert.equal(hidden.received.replace("gpt-5", "gpt-9"), missing.received);
  assert.equal(JSON.parse(hidden.received).error.code, "model_not_found");
  ask(world, bearer(KEY), "gpt-mini");
  assert.equal(world.calls.length, 1);
  const listed = (key: string): readonly string[] => {
    const exchange = new FakeExchange("", bearer(key), "/v1/models");
    Object.assign(exchange, { method: "GET" });
    return JSON.parse(world.ask(exchange).received).data.map(({ id }: { id: string }) => id);
  };
  assert.deepEqual(listed(KEY), ["gpt-mini"]);
  assert.deepEqual(listed(OTHER_KEY), ["gpt-5", "gpt-mini"]);
});

test("a key that may call a model may drill it, and no other's may", () => {
  const standIn = routeOf({ model: "gpt-mini:drill", drill: true });
  const clients = [clientOf({ models: ["gpt-mini"] }), { ...REVIEWER, models: ["gpt-5"] }];
  const world = World.leased({ ...tableOf(1, ...ROUTES, standIn), clients });
  ask(world, bearer(KEY), "gpt-mini:drill");
  assert.equal(world.calls.length, 1);
  assert.equal(ask(world, bearer(OTHER_KEY), "gpt-mini:drill").status, 404);
});

test("a request that names no model reaches the only model only for whom it is allowed", () => {
  const table = {
    ...tableOf(1, routeOf()),
    clients: [clientOf({ models: ["gpt-mini"] }), REVIEWER],
  };
  const world = World.leased(table);
  const asked = (key: string): FakeExchange =>
    world.ask(new FakeExchange("", bearer(key), "/v1/files"));
  assert.equal(asked(KEY).status, 404);
  asked(OTHER_KEY);
  assert.equal(world.calls.length, 1);
});

test("a key works until a table without it is followed, and its open request goes on", () => {
  const world = World.leased(closedTable(1, clientOf(), REVIEWER));
  const open = ask(world, bearer(KEY));
  world.link.publish(closedTable(2, REVIEWER));
  assert.equal(ask(world, bearer(KEY)).status, 401);
  world.lastCall.answer();
  assert.equal(open.status, 200);
  const renewed = clientOf({ keyHashes: [hash("sha256", "slipway_new", "hex")] });
  world.link.publish(closedTable(3, renewed, REVIEWER));
  assert.equal(ask(world, bearer(KEY)).status, 401);
  ask(world, bearer("slipway_new"));
  assert.equal(world.calls.length, 2);
});

test("requests over the limit get 429 with the time to wait, and pass again after it", () => {
  const world = World.leased(closedTable(1, clientOf({ requestsPerMinute: 2 }), REVIEWER));
  const first = ask(world, bearer(KEY));
  world.lastCall.answer(200, "{}", ["x-ratelimit-remaining-requests", "9999"]);
  assert.equal(first.header("x-ratelimit-limit-requests"), "2");
  assert.equal(first.header("x-ratelimit-remaining-requests"), "1");
  assert.equal(first.header("x-ratelimit-reset-requests"), "30s");
  assert.ok(!first.sent.includes("9999"));
  ask(world, bearer(KEY));
  const refused = ask(world, bearer(KEY));
  assert.equal(refused.status, 429);
  assert.equal(refused.header("retry-after"), "30");
  assert.equal(refused.header("x-ratelimit-remaining-requests"), "0");
  assert.equal(JSON.parse(refused.received).error.code, "rate_limit_exceeded");
  assert.equal(world.calls.length, 2);
  ask(world, bearer(OTHER_KEY));
  assert.equal(world.calls.length, 3);
  world.pass(30_000);
  ask(world, bearer(KEY));
  assert.equal(world.calls.length, 4);
});

test("a new table does not give back what was spent", () => {
  const world = World.leased(closedTable(1, clientOf({ requestsPerMinute: 1 })));
  ask(world, bearer(KEY));
  world.link.publish(closedTable(2, clientOf({ requestsPerMinute: 1 }), REVIEWER));
  assert.equal(ask(world, bearer(KEY)).status, 429);
});

test("tokens are settled by what the upstream counted", () => {
  const world = World.leased(closedTable(1, clientOf({ tokensPerMinute: 600 })));
  const usage = (tokens: number): string =>
    `{"choices":[],"usage":{"prompt_tokens":${tokens - 1},"completion_tokens":1}}`;
  ask(world, bearer(KEY));
  world.lastCall.answer(200, usage(500));
  const second = ask(world, bearer(KEY));
  world.lastCall.answer(200, usage(400));
  // 100 were left when it began; what it took beyond them is paid back first.
  assert.equal(second.header("x-ratelimit-limit-tokens"), "600");
  const refused = ask(world, bearer(KEY));
  assert.equal(refused.status, 429);
  assert.match(refused.received, /tokens per minute/);
  assert.equal(refused.header("retry-after"), "31");
  assert.equal(refused.header("x-ratelimit-remaining-tokens"), "0");
  world.pass(31_000);
  ask(world, bearer(KEY));
  assert.equal(world.calls.length, 3);
});

test("a failed request costs no tokens, and a stream without usage costs what went by", () => {
  const limited = clientOf({ tokensPerMinute: 1_000 });
  const world = World.leased(closedTable(1, limited));
  ask(world, bearer(KEY));
  world.lastCall.answer(500, "{}");
  world.ask(new FakeExchange({ model: "gpt-5", stream: true, messages: [] }, bearer(KEY)));
  world.lastCall.sink.onHead(200, STREAM_TYPE);
  const event = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';
  world.lastCall.sink.onData(bytes(event.repeat(90)));
  world.lastCall.sink.onData(bytes("data: [DONE]\n\n"));
  world.lastCall.sink.onEnd();
  const exchange = ask(world, bearer(KEY));
  world.lastCall.answer();
  const after = Number(exchange.header("x-ratelimit-remaining-tokens"));
  // 1,000 less 90 events, the stream's own size and the guess for this request, some ten tokens each.
  assert.ok(after > 860 && after < 910, String(after));
});

test("requests at once are limited, and a slot is free again however a request ends", () => {
  const world = World.leased(closedTable(1, clientOf({ inFlightMax: 1 })));
  const ends: readonly ((exchange: FakeExchange) => void)[] = [
    () => world.lastCall.answer(),
    () => world.lastCall.answer(500, "{}"),
    (exchange) => exchange.leave(),
    () => world.lastCall.sink.onError({ kind: "connect", message: "reset" }),
    () => world.pass(61_000),
  ];
  for (const end of ends) {
    const calls = world.calls.length;
    const exchange = ask(world, bearer(KEY));
    assert.equal(world.calls.length, calls + 1);
    const refused = ask(world, bearer(KEY));
    assert.equal(refused.status, 429);
    assert.match(refused.received, /requests at once/);
    end(exchange);
  }
});

test("a worker allows its part of a limit, and tells what all of them together have left", () => {
  const table = closedTable(1, clientOf({ requestsPerMinute: 8, inFlightMax: 2 }));
  const world = World.leased(table);
  world.fleet = { members: 4, rank: 0 };
  world.pass(2_000);
  const first = ask(world, bearer(KEY));
  assert.equal(ask(world, bearer(KEY)).status, 429);
  world.lastCall.answer();
  assert.equal(first.header("x-ratelimit-limit-requests"), "8");
  assert.equal(first.header("x-ratelimit-remaining-requests"), "4");
  ask(world, bearer(KEY));
  world.lastCall.answer();
  const refused = ask(world, bearer(KEY));
  assert.match(refused.received, /requests per minute/);
});

test("a limit is for all live workers together: a part grows and shrinks with their number", () => {
  const world = World.leased(closedTable(1, clientOf({ inFlightMax: 5 })));
  const sent = (): number => {
    const before = world.calls.length;
    for (let i = 0; i < 6; i++) ask(world, bearer(KEY));
    const calls = world.calls.slice(before);
    for (const call of calls) call.answer();
    return calls.length;
  };
  const parts = [sent()];
  for (const rank of [0, 1]) {
    world.fleet = { members: 2, rank };
    world.pass(2_000);
    parts.push(sent());
  }
  assert.deepEqual(parts, [5, 3, 2]);
});

test("what was spent is not given back when workers come and go", () => {
  const world = World.leased(closedTable(1, clientOf({ requestsPerMinute: 2 })));
  for (let i = 0; i < 2; i++) ask(world, bearer(KEY));
  for (const members of [2, 1]) {
    world.fleet = { members, rank: 0 };
    world.pass(2_000);
  }
  assert.equal(ask(world, bearer(KEY)).status, 429);
});

test("before a controller tells of others, a client's limits are divided by the workers of the gateway", () => {
  const onDisk = closedTable(1, clientOf({ inFlightMax: 4 }));
  const world = new World({ onDisk, workers: 2 });
  for (let i = 0; i < 4; i++) ask(world, bearer(KEY));
  assert.equal(world.calls.length, 2);
});

test("metrics are told the client's name, also of what was refused", () => {
  const world = World.leased(closedTable(1, clientOf({ requestsPerMinute: 1 })));
  ask(world, bearer(KEY));
  world.lastCall.answer();
  ask(world, bearer(KEY));
  ask(world, []);
  assert.deepEqual(
    world.observations.map(({ client }) => client),
    ["editor"],
  );
  assert.deepEqual(world.refusals, [
    ["rate_limit_exceeded", "editor"],
    ["invalid_api_key", null],
  ]);
});

test("the time until a limit is whole again is written as OpenAI writes it", () => {
  assert.deepEqual([0, 12.3, 999, 1_000, 59_000, 60_000, 89_500].map(resetText), [
    "0ms",
    "13ms",
    "999ms",
    "1s",
    "59s",
    "1m0s",
    "1m30s",
  ]);
});
