// Calls on objects of earlier answers: they go to the upstream that made the object, or are searched for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS } from "@slipway/core";
import { type LearntObject, ObjectMemory } from "../src/objects/object-memory.ts";
import {
  CANDIDATE,
  ManualClock,
  routeOf,
  STABLE,
  splitOf,
  tableOf,
  upstreamOf,
  versionOf,
} from "./fixtures.ts";
import { FakeExchange, STREAM_TYPE, World, type WorldOptions } from "./virtual-world.ts";

const ALL = tableOf(1, routeOf({ split: splitOf(SLOTS) }));
const NONE = tableOf(2, routeOf({ split: splitOf(0) }));
const RESPONSE = '{"id":"resp_1","object":"response","status":"completed","output":[]}';

function ask(world: World, method: string, path: string, body: object | "" = ""): FakeExchange {
  const exchange = new FakeExchange(body, [], path, method);
  return world.ask(exchange);
}

const respond = (world: World, fields: object = {}): FakeExchange =>
  ask(world, "POST", "/v1/responses", { model: "gpt-5", input: "hi", ...fields });

/** A world in which the candidate has made `resp_1`. */
function worldWithResponse(options: WorldOptions = {}): World {
  const world = World.leased(ALL, options);
  respond(world);
  assert.equal(world.lastHost, "candidate.test");
  world.lastCall.answer(200, RESPONSE);
  return world;
}

test("a response is read, cancelled and deleted where it was made, after the users have moved", () => {
  const world = worldWithResponse();
  world.link.publish(NONE);
  const calls = [
    ["GET", "/v1/responses/resp_1"],
    ["GET", "/v1/responses/resp_1?include[]=usage"],
    ["GET", "/v1/responses/resp_1/input_items"],
    ["POST", "/v1/responses/resp_1/cancel"],
    ["DELETE", "/v1/responses/resp_1"],
  ] as const;
  for (const [method, path] of calls) {
    ask(world, method, path);
    assert.equal(world.lastHost, "candidate.test", `${method} ${path}`);
    assert.equal(world.lastCall.request.method, method);
    world.lastCall.answer(200, RESPONSE);
  }
  assert.deepEqual(new Set(world.placed), new Set(["known"]));
});

test("a conversation goes on where it began, and is evidence only where assignment agrees", () => {
  const world = worldWithResponse();
  const arrivals = (): number => {
    world.pass(2_000);
    return world.rows.reduce((sum, row) => sum + row.arrivals, 0);
  };
  assert.equal(arrivals(), 1);
  respond(world, { previous_response_id: "resp_1" });
  assert.equal(world.lastHost, "candidate.test");
  assert.equal(world.lastCall.body["model"], "model-v2");
  world.lastCall.answer(200, RESPONSE.replace("resp_1", "resp_2"));
  assert.equal(arrivals(), 2);
  world.link.publish(NONE);
  respond(world, { previous_response_id: "resp_2" });
  assert.equal(world.lastHost, "candidate.test");
  world.lastCall.answer(200, RESPONSE.replace("resp_1", "resp_3"));
  assert.equal(arrivals(), 2);
});

test("the id is learnt from a stream's first event, however it is cut", () => {
  for (const size of [1, 7, 10_000]) {
    const world = World.leased(ALL);
    respond(world, { stream: true });
    const { sink } = world.lastCall;
    const event = `event: response.created\ndata: {"type":"response.created","response":{"id":"resp_s","instructions":"${"x".repeat(5_000)}"}}\n\n`;
    sink.onHead(200, STREAM_TYPE);
    for (let i = 0; i < event.length && i < 500; i += size) {
      sink.onData(new TextEncoder().encode(event.slice(i, i + size)));
    }
    world.link.publish(NONE);
    ask(world, "GET", "/v1/responses/resp_s");
    assert.equal(world.lastHost, "candidate.test");
  }
});

test("a conversation whose version may not be used any more goes on at stable", () => {
  const world = worldWithResponse();
  world.gateway.divert("gpt-5", true);
  respond(world, { previous_response_id: "resp_1" });
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer(200, RESPONSE);
  world.gateway.divert("gpt-5", false);
  world.link.publish(tableOf(3, routeOf()));
  respond(world, { conversation: { id: "resp_1" } });
  assert.equal(world.lastHost, "stable.test");
  assert.deepEqual(world.placed, ["moved", "known"]);
});

test("a failure of the object's own version is not answered by stable, which has no such object", () => {
  const world = worldWithResponse();
  const exchange = respond(world, { previous_response_id: "resp_1" });
  const calls = world.calls.length;
  world.lastCall.answer(500, '{"error":{"message":"down"}}');
  assert.equal(world.calls.length, calls);
  assert.equal(exchange.status, 500);
});

test("an object that nobody remembers is searched for, and then known", () => {
  const world = World.leased(NONE);
  const exchange = ask(world, "GET", "/v1/files/file_9/content");
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer(404, '{"error":{"message":"no such file"}}');
  assert.equal(world.lastHost, "candidate.test");
  world.lastCall.answer(200, "content");
  assert.equal(exchange.received, "content");
  ask(world, "DELETE", "/v1/files/file_9");
  assert.equal(world.lastHost, "candidate.test");
  assert.deepEqual(world.placed, ["unknown", "known"]);
});

test("the user's own arm is asked first for what nobody remembers: every gateway would assign so", () => {
  const world = World.leased(ALL);
  const exchange = new FakeExchange("", ["x-user", "ann"], "/v1/responses/resp_7", "GET");
  world.ask(exchange);
  assert.equal(world.lastHost, "candidate.test");
  world.lastCall.answer(404, "{}");
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer(404, '{"error":{"message":"no such response"}}');
  assert.equal(exchange.status, 404);
  assert.equal(exchange.received, '{"error":{"message":"no such response"}}');
});

test("a conversation that nobody remembers is asked for on, and is evidence for nobody", () => {
  const world = World.leased(ALL);
  const exchange = respond(world, { user: "ann", previous_response_id: "resp_8" });
  assert.equal(world.lastHost, "candidate.test");
  world.lastCall.answer(400, '{"error":{"code":"previous_response_not_found"}}');
  assert.equal(world.lastHost, "stable.test");
  assert.equal(world.lastCall.body["model"], "model-v1");
  world.lastCall.answer(200, RESPONSE);
  assert.equal(exchange.header("x-slipway-version"), "v1");
  world.pass(2_000);
  assert.deepEqual(world.rows, []);
  assert.equal(world.gateway.snapshot().openRequests, 0);
  assert.ok(world.gateway.snapshot().versions.every(({ inFlight }) => inFlight === 0));
});

test("an object stays with the replica that made it, and waits for that one alone", () => {
  const replicas = ["a", "b"].map((id) =>
    upstreamOf({ id, url: `http://${id}.test/v1`, inFlightMax: 1 }),
  );
  const world = World.leased(tableOf(1, routeOf({ stable: versionOf("v1", ...replicas) })));
  respond(world);
  const home = world.lastHost;
  world.lastCall.answer(200, RESPONSE);
  const other = home === "a.test" ? "b.test" : "a.test";
  for (let i = 0; i < 2; i++) respond(world);
  const [first, second] = world.calls.slice(-2);
  respond(world, { previous_response_id: "resp_1" });
  assert.equal(world.calls.length, 3);
  const atOther = [first, second].find((call) => call?.request.baseUrl.includes(other));
  const atHome = [first, second].find((call) => call !== atOther);
  atOther?.answer(200, RESPONSE);
  assert.equal(world.calls.length, 3);
  respond(world);
  assert.equal(world.lastHost, other);
  atHome?.answer(200, RESPONSE);
  assert.equal(world.lastHost, home);
  assert.equal(world.lastCall.body["previous_response_id"], "resp_1");
});

test("files and batches are learnt, also where several models are served", () => {
  const second = routeOf({
    model: "other",
    stable: versionOf("o1", upstreamOf({ id: "other-1", url: "http://other.test/v1" })),
  });
  const world = World.leased(tableOf(1, routeOf(), second));
  const upload = new FakeExchange("form", ["x-slipway-model", "other"], "/v1/files");
  world.ask(upload);
  assert.equal(world.lastHost, "other.test");
  assert.ok(!world.lastCall.request.headers.includes("x-slipway-model"));
  assert.ok(world.lastCall.request.headers.includes("identity"));
  world.lastCall.answer(200, '{"id":"file_1","object":"file"}');
  ask(world, "POST", "/v1/batches", { input_file_id: "file_1", endpoint: "/v1/responses" });
  assert.equal(world.lastHost, "other.test");
  world.lastCall.answer(200, '{"object":"batch","id":"batch_1"}');
  ask(world, "GET", "/v1/batches/batch_1");
  assert.equal(world.lastHost, "other.test");
  world.lastCall.answer(200, '{"object":"batch","id":"batch_1"}');
  const unknown = ask(world, "GET", "/v1/batches/batch_2");
  assert.equal(unknown.status, 404);
  assert.match(unknown.received, /x-slipway-model/);
});

test("answers that make nothing are not remembered, and calls that end like objects name none", () => {
  const world = World.leased(ALL);
  for (const fields of [{ store: false }, { store: null }]) respond(world, fields);
  for (const call of world.calls) call.answer(200, RESPONSE);
  assert.equal(world.gateway.snapshot().objectsKnown, 1);
  world.ask(new FakeExchange({ model: "gpt-5", messages: [] }));
  world.lastCall.answer(200, '{"id":"chatcmpl-1","choices":[]}');
  assert.equal(world.gateway.snapshot().objectsKnown, 1);
  ask(world, "POST", "/v1/responses/input_tokens", { model: "gpt-5", input: "x" });
  world.lastCall.answer(404, "{}");
  assert.deepEqual(world.placed, []);
});

test("stored chat completions and batches of messages are objects too", () => {
  const world = World.leased(ALL);
  world.ask(new FakeExchange({ model: "gpt-5", messages: [], store: true }));
  world.lastCall.answer(200, '{"id":"chatcmpl-1","choices":[]}');
  world.link.publish(NONE);
  ask(world, "GET", "/v1/chat/completions/chatcmpl-1/messages");
  assert.equal(world.lastHost, "candidate.test");
  ask(world, "POST", "/v1/messages/batches", { requests: [] });
  assert.equal(world.lastHost, "stable.test");
  world.lastCall.answer(200, '{"id":"msgbatch_1"}');
  ask(world, "GET", "/v1/messages/batches/msgbatch_1/results");
  assert.deepEqual(world.placed, ["known", "known"]);
});

test("a batch of messages belongs to the model that all its requests name, and is work for stable", () => {
  const second = routeOf({
    model: "other",
    stable: versionOf("o1", upstreamOf({ url: "http://other.test/v1", model: "other-1" })),
    split: splitOf(SLOTS),
  });
  const world = World.leased(tableOf(1, routeOf(), second));
  const batch = (...models: readonly string[]): object => ({
    requests: models.map((model, i) => ({ custom_id: `${i}`, params: { model, messages: [] } })),
  });
  ask(world, "POST", "/v1/messages/batches?beta=true", batch("other", "other"));
  assert.equal(world.lastHost, "other.test");
  assert.deepEqual(world.lastCall.body, batch("other-1", "other-1"));
  world.lastCall.answer(200, '{"id":"msgbatch_1"}');
  ask(world, "GET", "/v1/messages/batches/msgbatch_1");
  assert.equal(world.lastHost, "other.test");
  const unknown = ask(world, "POST", "/v1/messages/batches", batch("none"));
  assert.match(unknown.received, /not_found_error.*none/);
  const twice = '{"requests":[{"params":{"model":"other"},"params":{"model":"gpt-5"}}]}';
  const none = { requests: [{ params: 1 }, 2, null] };
  for (const mixed of [batch("other", "gpt-5"), batch(), none, twice]) {
    const exchange = world.ask(new FakeExchange(mixed, [], "/v1/messages/batches"));
    assert.equal(exchange.status, 404);
  }
});

test("the memory is bounded, and forgets what was least lately used", () => {
  const memory = new ObjectMemory(new ManualClock(), null, 2);
  const home = { model: "m", version: "v", upstream: "u", key: null };
  for (const id of ["a", "b"]) memory.learn(id, home);
  assert.notEqual(memory.home("a"), null);
  memory.learn("c", home);
  memory.learn("x".repeat(1_000), home);
  assert.deepEqual(
    ["a", "b", "c"].map((id) => memory.home(id) !== null),
    [true, false, true],
  );
  assert.equal(memory.size, 2);
});

test("what one worker learns it tells the others soon, and what it is told it does not tell again", () => {
  const clock = new ManualClock();
  const told: (readonly LearntObject[])[] = [];
  const memory = new ObjectMemory(clock, (objects) => told.push(objects));
  const home = { model: STABLE.id, version: CANDIDATE.id, upstream: "u", key: "k".repeat(500) };
  memory.learn("a", home);
  memory.learn("a", home);
  memory.hear([{ id: "b", home }]);
  assert.equal(told.length, 0);
  clock.advance(5);
  assert.deepEqual(told, [[{ id: "a", home: { ...home, key: null } }]]);
  assert.notEqual(memory.home("b"), null);
});
