// What Slipway says itself, in the words of the API that was called: errors, errors in streams, and the list of models.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, routeOf, tableOf } from "./fixtures.ts";
import { FakeExchange, STREAM_TYPE, World } from "./virtual-world.ts";

const ANTHROPIC = ["Anthropic-Version", "2023-06-01"];

function get(path: string, headers: readonly string[] = []): FakeExchange {
  const world = World.leased(tableOf(1, routeOf(), routeOf({ model: "other/one" })));
  return world.ask(new FakeExchange("", headers, path, "GET"));
}

test("the list of models is a page of Anthropic's for Anthropic's clients", () => {
  assert.deepEqual(JSON.parse(get("/v1/models?limit=1", ANTHROPIC).received), {
    data: [
      {
        type: "model",
        id: "gpt-5",
        display_name: "gpt-5",
        created_at: "2023-11-14T22:13:20.000Z",
      },
      {
        type: "model",
        id: "other/one",
        display_name: "other/one",
        created_at: "2023-11-14T22:13:20.000Z",
      },
    ],
    has_more: false,
    first_id: "gpt-5",
    last_id: "other/one",
  });
  assert.equal(JSON.parse(get("/v1/models/gpt-5", ANTHROPIC).received).type, "model");
  assert.equal(JSON.parse(get("/v1/models/gpt-5").received).object, "model");
});

test("an unknown model is each client's own kind of error, with an id that it can name", () => {
  const anthropic = get("/v1/models/none", ANTHROPIC);
  assert.equal(JSON.parse(anthropic.received).error.type, "not_found_error");
  assert.equal(anthropic.header("request-id"), anthropic.header("x-slipway-request-id"));
  const openai = get("/v1/models/none");
  assert.equal(JSON.parse(openai.received).error.code, "model_not_found");
  assert.equal(openai.header("x-request-id"), openai.header("x-slipway-request-id"));
});

test("every refusal that passes says when to come again", () => {
  const full = World.leased(tableOf(1, routeOf()), {
    limits: { queuePerUpstreamMax: 0, bodyBytesOpenMax: 10_000 },
  });
  const body = { model: "gpt-5", messages: [] };
  for (let i = 0; i <= 100; i++) full.ask(new FakeExchange(body));
  const busy = full.ask(new FakeExchange(body, ANTHROPIC, "/v1/messages"));
  assert.equal(busy.status, 429);
  assert.equal(JSON.parse(busy.received).error.type, "rate_limit_error");
  const tableless = new World().ask(new FakeExchange(body));
  assert.equal(tableless.status, 503);
  for (const refused of [busy, tableless]) {
    assert.ok(Number(refused.header("retry-after")) >= 1);
  }
});

const STREAMS: readonly (readonly [path: string, begun: string, said: RegExp])[] = [
  [
    "/v1/chat/completions",
    'data: {"choices":[]}\n\n',
    /^data: \{"error":\{"message":".*","type":"server_error","param":null,"code":"upstream_broke_off"\}\}\n\n$/,
  ],
  [
    "/v1/messages",
    'event: ping\ndata: {"type":"ping"}\n\n',
    /^event: error\ndata: \{"type":"error","error":\{"type":"api_error",.*"request_id":"request-\d+"\}\n\n$/,
  ],
  [
    "/v1/responses",
    'event: response.created\r\ndata: {"type":"response.created"}\r\n\r\n',
    /^event: error\ndata: \{"type":"error","code":"upstream_broke_off",.*\}\n\n$/,
  ],
];

function broken(path: string, begun: string, headers = STREAM_TYPE): FakeExchange {
  const world = World.leased(tableOf(1, routeOf()));
  const exchange = world.ask(new FakeExchange({ model: "gpt-5", stream: true }, [], path));
  world.lastCall.sink.onHead(200, headers);
  world.lastCall.sink.onData(bytes(begun));
  world.lastCall.sink.onError({ kind: "connect", message: "reset" });
  assert.equal(world.observations[0]?.outcome, "truncated");
  return exchange;
}

for (const [path, begun, said] of STREAMS) {
  test(`a stream of ${path} that breaks between events ends with an error event of that API`, () => {
    const exchange = broken(path, begun);
    assert.equal(exchange.received.slice(0, begun.length), begun);
    assert.match(exchange.received.slice(begun.length), said);
    assert.equal(exchange.isEnded, true);
  });

  test(`a stream of ${path} that breaks within an event is cut`, () => {
    const exchange = broken(path, begun.slice(0, -2));
    assert.equal(exchange.received, begun.slice(0, -2));
    assert.equal(exchange.isDestroyed, true);
  });
}

test("an answer whose length was told, or whose API has no such event, is cut", () => {
  const bounded = [...STREAM_TYPE, "content-length", "500"];
  assert.equal(broken("/v1/chat/completions", "data: {}\n\n", bounded).isDestroyed, true);
  assert.equal(broken("/v1/audio/speech", "data: {}\n\n").isDestroyed, true);
});

test("a fill-in-the-middle answer of Mistral's is judged like any completion", () => {
  const world = World.leased(tableOf(1, routeOf()));
  world.ask(new FakeExchange({ model: "gpt-5", stream: true }, [], "/v1/fim/completions"));
  assert.equal(world.lastCall.body["model"], "model-v1");
  world.lastCall.answer(200, 'data: {"choices":[]}\n\n', STREAM_TYPE);
  assert.equal(world.observations[0]?.outcome, "truncated");
});
