// The path of a request over fake ports, in a time that the test moves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS, slotOf } from "@slipway/core";
import {
  bytes,
  CANDIDATE,
  routeOf,
  STABLE,
  splitOf,
  tableOf,
  upstreamOf,
  versionOf,
} from "./fixtures.ts";
import { chat, FakeExchange, STREAM_TYPE, World } from "./virtual-world.ts";

const ALL_CANDIDATE = tableOf(1, routeOf({ split: splitOf(SLOTS) }));
const HALF = tableOf(1, routeOf({ split: splitOf(SLOTS / 2) }));

/** A user whose slot in rollout r1 is below, or not below, a half. */
function userIn(half: "lower" | "upper"): string {
  for (let i = 0; ; i++) {
    const isLower = slotOf("r1", `user-${i}`) < SLOTS / 2;
    if (isLower === (half === "lower")) return `user-${i}`;
  }
}

test("a request goes to its arm's upstream with the model spliced in, and its answer comes back byte for byte", () => {
  const world = World.leased(HALF);
  const exchange = world.ask(chat(userIn("lower")));
  assert.equal(world.lastHost, "candidate.test");
  assert.deepEqual(world.lastCall.body, { model: "model-v2", messages: [] });
  world.lastCall.answer(200, '{"a" :  1}');
  assert.equal(exchange.received, '{"a" :  1}');
  assert.deepEqual(
    ["version", "arm", "rollout"].map((name) => exchange.header(`x-slipway-${name}`)),
    ["v2", "candidate", "r1"],
  );
  assert.match(exchange.header("x-slipway-request-id") ?? "", /^request-2~/);
  const other = world.ask(chat(userIn("upper")));
  world.lastCall.answer();
  assert.equal(other.header("x-slipway-arm"), "stable");
});

test("before any table a request gets 503 and says why", () => {
  const world = new World();
  const exchange = world.ask(chat("ann"));
  assert.equal(exchange.status, 503);
  assert.match(exchange.received, /no routing table yet/);
});

test("an unknown model gets 404 in the envelope of the API that was called", () => {
  const world = World.leased(HALF);
  const openai = world.ask(chat("ann", { model: "gpt-9" }));
  assert.equal(openai.status, 404);
  assert.deepEqual(JSON.parse(openai.received), {
    error: {
      message: "The model `gpt-9` does not exist.",
      type: "invalid_request_error",
      param: "model",
      code: "model_not_found",
    },
  });
  const anthropic = world.ask(new FakeExchange({ model: "gpt-9" }, [], "/v1/messages"));
  assert.deepEqual(JSON.parse(anthropic.received), {
    type: "error",
    error: { type: "not_found_error", message: "The model `gpt-9` does not exist." },
    request_id: "request-3",
  });
});

test("a body that is no JSON object, or names no model, gets 400 where the API needs a model", () => {
  const world = World.leased(HALF);
  const broken = world.ask(new FakeExchange('{"model": "gpt-5"'));
  const nameless = world.ask(new FakeExchange("{}"));
  assert.equal(broken.status, 400);
  assert.match(broken.received, /invalid_json/);
  assert.match(nameless.received, /missing_model/);
});

test("a path without a model goes to stable of the only route, and is no evidence", () => {
  const world = World.leased(ALL_CANDIDATE);
  world.ask(new FakeExchange("", [], "/v1/moderations"));
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer();
  world.pass(2_000);
  assert.deepEqual(world.rows, []);
});

test("a path without a model cannot be routed between two models", () => {
  const world = World.leased(tableOf(1, routeOf(), routeOf({ model: "other" })));
  const exchange = world.ask(new FakeExchange("", [], "/v1/files/abc"));
  assert.equal(exchange.status, 404);
  assert.match(exchange.received, /unroutable/);
});

for (const path of [
  "/v1/../admin/delete",
  "/v1/files/%2E%2e/..%2F%2e/x",
  "/v1/.%2e\\admin",
  "/v1/..;/admin",
  "/v1/.",
]) {
  test(`a path that may lead out of /v1 reaches no upstream: ${path}`, () => {
    const world = World.leased(HALF);
    const exchange = world.ask(new FakeExchange({ model: "gpt-5" }, [], path));
    assert.equal(exchange.status, 404);
    assert.match(exchange.received, /unknown_url/);
    assert.equal(world.calls.length, 0);
  });
}

test("dots within a name, or in a query, lead nowhere", () => {
  const world = World.leased(HALF);
  world.ask(new FakeExchange({ model: "gpt-5" }, [], "/v1/files/a..b.json?next=../x"));
  assert.equal(world.lastCall.request.path, "/files/a..b.json?next=../x");
});

test("the list of models comes from the table", () => {
  const world = World.leased(tableOf(1, routeOf(), routeOf({ model: "other/one" })));
  const get = (path: string): FakeExchange => {
    const exchange = new FakeExchange("", [], path);
    Object.assign(exchange, { method: "GET" });
    return world.ask(exchange);
  };
  assert.match(get("/v1/models").received, /"gpt-5".*"other\/one"/);
  assert.match(get("/v1/models/other%2Fone").received, /"id":"other\/one"/);
  assert.equal(get("/v1/models/none").status, 404);
});

test("a client that leaves aborts the upstream, frees its slot, and counts against nobody", () => {
  const world = World.leased(ALL_CANDIDATE);
  const exchange = world.ask(chat("ann"));
  exchange.leave();
  assert.equal(world.lastCall.isAborted, true);
  assert.equal(world.gateway.snapshot().openRequests, 0);
  assert.deepEqual(
    world.gateway.snapshot().versions.map((v) => v.inFlight),
    [0, 0],
  );
  world.pass(2_000);
  assert.deepEqual(
    world.rows.map((row) => row.outcomes),
    [{ cancelled: 1 }],
  );
  const buckets = world.rows.map((row) => row.buckets);
  assert.deepEqual(Object.values(buckets[0]?.mishaps ?? {}), [{ cancelled: 1 }]);
  assert.ok(buckets[0]?.bad.every((count) => count === 0));
});

test("a client that leaves once the terminal marker has passed got its answer", () => {
  const world = World.leased(ALL_CANDIDATE);
  const exchange = world.ask(chat("ann", { stream: true }));
  world.lastCall.sink.onHead(200, STREAM_TYPE);
  world.lastCall.sink.onData(bytes('data: {"choices":[]}\n\ndata: [DONE]\n\n'));
  exchange.leave();
  assert.equal(world.observations[0]?.outcome, "ok");
});

test("a slow client slows its upstream down, and nothing else", () => {
  const world = World.leased(ALL_CANDIDATE);
  const exchange = world.ask(chat("ann", { stream: true }));
  const call = world.lastCall;
  call.sink.onHead(200, STREAM_TYPE);
  exchange.isSlow = true;
  assert.equal(call.sink.onData(bytes("data: {}\n\n")), false);
  assert.equal(call.resumed, 0);
  exchange.drain();
  assert.equal(call.resumed, 1);
  assert.equal(call.sink.onData(bytes("data: {}\n\n")), true);
});

test("without a lease everybody is on stable, and what would have been the candidate's is no evidence", () => {
  const world = World.leased(ALL_CANDIDATE);
  world.leaseMs = null;
  world.clock.advance(60_001);
  world.acknowledge();
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "stable.test");
  assert.ok(world.log.lines.some((line) => line.message.startsWith("lease lapsed")));
  world.leaseMs = 60_000;
  world.pass(3_000);
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "candidate.test");
  assert.deepEqual(world.rows, []);
});

test("a request that was assigned before the lease lapsed goes on", () => {
  const world = World.leased(tableOf(1, routeOf({ split: splitOf(SLOTS), deadlineMs: 600_000 })));
  const exchange = world.ask(chat("ann"));
  world.leaseMs = null;
  world.clock.advance(70_000);
  world.lastCall.answer();
  assert.equal(exchange.header("x-slipway-arm"), "candidate");
});

test("a policy may keep the split without a lease", () => {
  const keep = routeOf({ split: splitOf(SLOTS), lease: { durationMs: 60_000, onLapse: "keep" } });
  const world = new World({ onDisk: tableOf(1, keep) });
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "candidate.test");
});

test("a start from the table on disk serves stable only until the lease is renewed", () => {
  const world = new World({ onDisk: ALL_CANDIDATE });
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "stable.test");
  world.acknowledge();
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "candidate.test");
});

test("a diverted model is served by stable, is no evidence, and comes back", () => {
  const world = World.leased(ALL_CANDIDATE, { diverted: ["gpt-5"] });
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer();
  world.gateway.divert("gpt-5", false);
  world.ask(chat("ann"));
  assert.equal(world.lastHost, "candidate.test");
  world.acknowledge();
  const diverted = world.link.frames.map(({ frame }) => frame.diverted);
  assert.deepEqual([diverted[0], diverted.at(-1)], [["gpt-5"], []]);
});

test("requests without a key go to stable, or by lot where the policy says so", () => {
  const keys = { header: "x-user", apiKeyIsUser: false, withoutKey: "per-request" } as const;
  const stable = World.leased(HALF);
  stable.ask(chat(null));
  assert.equal(stable.lastHost, "stable.test");
  const table = tableOf(1, routeOf({ split: splitOf(SLOTS / 2), keys }));
  const lot = World.leased(table, { random: { next: () => 0.4 } });
  lot.ask(chat(null));
  assert.equal(lot.lastHost, "candidate.test");
});

test("at one hundred percent everybody is on the candidate, also without a key", () => {
  const world = World.leased(ALL_CANDIDATE);
  world.ask(chat(null));
  assert.equal(world.lastHost, "candidate.test");
});

test("the client's key is replaced by the upstream's, and passed on where the upstream has none", () => {
  const keyed = versionOf(
    "v1",
    upstreamOf({ id: "u", url: "http://keyed.test/v1", keyEnv: "KEY" }),
  );
  const headers = [
    ...["Authorization", "Bearer client", "Connection", "keep-alive", "X-Hop", "1"],
    ...["Connection", "X-Hop, X-Other", "X-Other", "2"],
  ];
  const ask = (secrets: { [name: string]: string }, version = keyed): readonly string[] => {
    const world = World.leased(tableOf(1, routeOf({ stable: version })), { secrets });
    world.ask(new FakeExchange({ model: "gpt-5" }, headers));
    return world.lastCall.request.headers;
  };
  const plain = ["accept-encoding", "identity"];
  assert.deepEqual(ask({ KEY: "k" }), [...plain, "authorization", "Bearer k"]);
  assert.deepEqual(ask({}), plain, "a missing key does not leak the client's");
  assert.deepEqual(ask({}, STABLE), ["Authorization", "Bearer client", ...plain]);
});

test("Anthropic's clients keep their key header", () => {
  const keyed = versionOf(
    "v1",
    upstreamOf({ id: "u", url: "http://keyed.test/v1", keyEnv: "KEY" }),
  );
  const world = World.leased(tableOf(1, routeOf({ stable: keyed })), { secrets: { KEY: "k" } });
  world.ask(new FakeExchange({ model: "gpt-5" }, ["X-Api-Key", "client"], "/v1/messages"));
  assert.deepEqual(world.lastCall.request.headers.slice(-2), ["x-api-key", "k"]);
});

test("an upstream is asked not to compress what is read of its answers, and nothing else", () => {
  const world = World.leased(HALF);
  const accepted = (path: string): readonly string[] => {
    const headers = ["Accept-Encoding", "gzip, br"];
    world.ask(new FakeExchange({ model: "gpt-5" }, headers, path));
    return world.lastCall.request.headers;
  };
  assert.deepEqual(accepted("/v1/chat/completions"), ["accept-encoding", "identity"]);
  assert.deepEqual(accepted("/v1/batches"), ["accept-encoding", "identity"]);
  assert.deepEqual(accepted("/v1/moderations"), ["Accept-Encoding", "gzip, br"]);
});

test("a body over the limit gets 413", () => {
  const world = World.leased(HALF, { limits: { bodyBytesMax: 10 } });
  const exchange = world.ask(chat("ann"));
  assert.equal(exchange.status, 413);
  assert.match(exchange.received, /request_too_large/);
});

test("a worker keeps bodies up to a limit, and lets go of each as its answer begins", () => {
  const body = { model: "gpt-5", input: "x".repeat(1_000) };
  const world = World.leased(HALF, { limits: { bodyBytesOpenMax: 1_500 } });
  const first = world.ask(new FakeExchange(body));
  const { sink } = world.lastCall;
  const refused = world.ask(new FakeExchange(body));
  assert.equal(refused.status, 503);
  assert.match(refused.received, /no_room/);
  assert.equal(refused.header("retry-after"), "1");
  sink.onHead(200, STREAM_TYPE);
  sink.onData(bytes("data: {}\n\n"));
  assert.equal(first.isOver, false);
  for (const end of ["leave", "answer", "unknown", "leave"]) {
    const next = world.ask(new FakeExchange(end === "unknown" ? { ...body, model: "none" } : body));
    if (end === "leave") next.leave();
    if (end === "answer") world.lastCall.answer();
    assert.notEqual(next.status, 503, end);
  }
});

test("over growing stages no user moves back from the candidate", () => {
  const world = World.leased(tableOf(1, routeOf({ split: splitOf(1) })));
  const users = Array.from({ length: 200 }, (_, i) => `user-${i}`);
  let before = new Set<string>();
  for (const [index, slots] of [500, 2_500, 5_000, SLOTS].entries()) {
    world.link.publish(tableOf(index + 2, routeOf({ split: splitOf(slots, CANDIDATE) })));
    const now = new Set<string>();
    for (const user of users) {
      world.ask(chat(user));
      if (world.lastHost === "candidate.test") now.add(user);
      world.lastCall.answer();
    }
    assert.deepEqual(
      [...before].filter((user) => !now.has(user)),
      [],
    );
    before = now;
  }
  assert.equal(before.size, users.length);
});

test("an answer keeps its headers, but for what belongs to one hop", () => {
  const world = World.leased(ALL_CANDIDATE);
  const exchange = world.ask(chat("ann"));
  world.lastCall.answer(200, "\u001f\u008b", [
    ...["Content-Encoding", "gzip", "X-RateLimit-Remaining", "7", "Set-Cookie", "a=1"],
    ...["Set-Cookie", "b=2", "Transfer-Encoding", "chunked", "Connection", "close, X-Hop"],
    ...["X-Hop", "1", "X-Slipway-Version", "of another Slipway further on"],
  ]);
  const own = exchange.sent.indexOf("x-slipway-request-id");
  assert.deepEqual(exchange.sent.slice(0, own), [
    ...["Content-Encoding", "gzip", "X-RateLimit-Remaining", "7"],
    ...["Set-Cookie", "a=1", "Set-Cookie", "b=2"],
  ]);
  assert.equal(exchange.header("x-slipway-version"), "v2");
  assert.equal(world.observations[0]?.outcome, "ok");
});
