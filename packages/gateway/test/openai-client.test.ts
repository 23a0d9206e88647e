// The `openai` client from npm, as it is, against a gateway on real sockets.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { SLOTS } from "@slipway/core";
import OpenAI from "openai";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { healthy, type LiveGateway, liveGateway, until } from "./live-gateway.ts";
import { type ScriptedUpstream, scriptedUpstream } from "./scripted-upstream.ts";

let live: LiveGateway;
let stable: ScriptedUpstream;
let candidate: ScriptedUpstream;
let client: OpenAI;

before(async () => {
  stable = await scriptedUpstream("stable says hi");
  candidate = await scriptedUpstream("candidate says hi");
  const route = routeOf({
    stable: versionOf("v1", upstreamOf({ url: stable.url, model: "m1", pool: "a" })),
    split: splitOf(
      SLOTS,
      versionOf("v2", upstreamOf({ url: candidate.url, model: "m2", pool: "b" })),
    ),
  });
  live = await liveGateway(tableOf(1, route));
  await healthy(live.base);
  client = new OpenAI({ baseURL: `${live.base}/v1`, apiKey: "client-key", maxRetries: 0 });
});

beforeEach(() => {
  stable.script = "ok";
  candidate.script = "ok";
});

after(async () => {
  await live.close();
  await Promise.all([stable.close(), candidate.close()]);
});

const MESSAGES = [{ role: "user", content: "Hello" }] as const;

test("a chat completion, with the client's key passed on and the model its own", async () => {
  const { data, response } = await client.chat.completions
    .create({ model: "gpt-5", messages: [...MESSAGES], user: "ann" })
    .withResponse();
  assert.equal(data.choices[0]?.message.content, "candidate says hi");
  assert.equal(data.usage?.prompt_tokens, 7);
  assert.equal(response.headers.get("x-slipway-version"), "v2");
  const seen = candidate.seen.at(-1);
  assert.equal(seen?.headers.authorization, "Bearer client-key");
  assert.equal(JSON.parse(seen?.body ?? "{}").model, "m2");
});

test("a streamed chat completion", async () => {
  const stream = await client.chat.completions.create({
    model: "gpt-5",
    messages: [...MESSAGES],
    stream: true,
  });
  const words: string[] = [];
  for await (const chunk of stream) words.push(chunk.choices[0]?.delta.content ?? "");
  assert.equal(words.filter((word) => word !== "").join(" "), "candidate says hi");
});

test("a completion, whole and streamed", async () => {
  const whole = await client.completions.create({ model: "gpt-5", prompt: "def f(", suffix: ")" });
  assert.equal(whole.choices[0]?.text, "candidate says hi");
  const stream = await client.completions.create({ model: "gpt-5", prompt: "x", stream: true });
  let words = "";
  for await (const chunk of stream) words += chunk.choices[0]?.text ?? "";
  assert.equal(words, "candidatesayshi");
});

test("the list of models, and one of them", async () => {
  const list = await client.models.list();
  assert.deepEqual(
    list.data.map((model) => model.id),
    ["gpt-5"],
  );
  assert.equal((await client.models.retrieve("gpt-5")).owned_by, "slipway");
});

test("Slipway's errors are errors of the client's own kinds", async () => {
  await assert.rejects(
    client.chat.completions.create({ model: "gpt-9", messages: [] }),
    (error: unknown) =>
      error instanceof OpenAI.NotFoundError &&
      error.code === "model_not_found" &&
      error.param === "model",
  );
});

test("an upstream's error reaches the client as it was", async () => {
  candidate.script = "429";
  stable.script = "429";
  await assert.rejects(
    client.chat.completions.create({ model: "gpt-5", messages: [] }),
    (error: unknown) =>
      error instanceof OpenAI.RateLimitError &&
      error.message.includes("scripted 429") &&
      error.headers.get("retry-after") === "7",
  );
});

test("a broken candidate is not seen by the client", async () => {
  candidate.script = "500";
  const { data, response } = await client.chat.completions
    .create({ model: "gpt-5", messages: [] })
    .withResponse();
  assert.equal(data.choices[0]?.message.content, "stable says hi");
  assert.equal(response.headers.get("x-slipway-arm"), "stable");
});

test("a stream that breaks off is an error, not a short answer", async () => {
  candidate.script = "truncated";
  const stream = await client.chat.completions.create({
    model: "gpt-5",
    messages: [],
    stream: true,
  });
  await assert.rejects(async () => {
    for await (const _ of stream);
  });
});

for (const streamed of [false, true]) {
  test(`an abort of a ${streamed ? "streamed" : "whole"} answer reaches the upstream`, async () => {
    candidate.script = "stall-after-first";
    const before = candidate.aborted;
    const seen = candidate.seen.length;
    const abort = new AbortController();
    const asked = client.chat.completions.create(
      { model: "gpt-5", messages: [], stream: streamed },
      { signal: abort.signal },
    );
    const ended = assert.rejects(async () => {
      const answer = await asked;
      if ("controller" in answer) for await (const _ of answer) abort.abort();
      abort.signal.throwIfAborted();
    });
    await until(() => candidate.seen.length > seen);
    if (!streamed) abort.abort();
    await until(() => candidate.aborted > before);
    await ended;
  });
}

test("bodies of ten megabytes pass, and are measured by the upstream to the byte", async () => {
  candidate.script = "echo-length";
  const content = "é".repeat(5 * 2 ** 20);
  const body = { model: "gpt-5", messages: [{ role: "user" as const, content }] };
  const answer = await client.chat.completions.create(body);
  const expected = Buffer.byteLength(JSON.stringify({ ...body, model: "m2" }));
  assert.equal((answer as unknown as { readonly length: number }).length, expected);
});

test("a body over the limit gets 413 in OpenAI's form", async () => {
  const content = "x".repeat(33 * 2 ** 20);
  await assert.rejects(
    client.chat.completions.create({ model: "gpt-5", messages: [{ role: "user", content }] }),
    (error: unknown) => error instanceof OpenAI.APIError && error.code === "request_too_large",
  );
});
