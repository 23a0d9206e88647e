// The `@anthropic-ai/sdk` client from npm, as it is.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { abortReaches, bothAnswer, type Ramp, startRamp } from "./ramp.ts";

const TOOLS: Anthropic.Tool[] = [
  { name: "weather", input_schema: { type: "object", properties: { city: { type: "string" } } } },
];

let ramp: Ramp;
let client: Anthropic;

before(async () => {
  ramp = await startRamp();
  client = new Anthropic({ baseURL: ramp.live.base, apiKey: "key", maxRetries: 0 });
});
after(() => ramp.close());

function ask(content: string): Anthropic.MessageCreateParamsNonStreaming {
  return { model: "gpt-5", max_tokens: 100, messages: [{ role: "user", content }] };
}

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

test("messages, whole and streamed", async () => {
  await bothAnswer(async (user) => textOf(await client.messages.create(ask(user))));
  await bothAnswer(async (user) => textOf(await client.messages.stream(ask(user)).finalMessage()));
});

for (const streamed of [false, true]) {
  test(`tools called in messages, ${streamed ? "streamed" : "whole"}`, () =>
    bothAnswer(async (user) => {
      const params = { ...ask(user), tools: TOOLS };
      const first = streamed
        ? await client.messages.stream(params).finalMessage()
        : await client.messages.create(params);
      const call = first.content.find((block) => block.type === "tool_use");
      assert.deepEqual(call?.input, { city: "Oslo" });
      const result = {
        type: "tool_result" as const,
        tool_use_id: call?.id ?? "",
        content: "sunny",
      };
      const second = await client.messages.create({
        ...params,
        messages: [
          ...params.messages,
          { role: "assistant", content: first.content },
          { role: "user", content: [result] },
        ],
      });
      return textOf(second);
    }, "says sunny"));
}

test("tokens are counted, and models listed, in Anthropic's form", async () => {
  const counted = await client.messages.countTokens({
    model: "gpt-5",
    messages: ask("x").messages,
  });
  assert.equal(counted.input_tokens, 7);
  const names = [];
  for await (const model of client.models.list({ limit: 5 })) names.push(model.display_name);
  assert.deepEqual(names, ["gpt-5"]);
  assert.equal((await client.models.retrieve("gpt-5")).type, "model");
  await assert.rejects(client.models.retrieve("none"), Anthropic.NotFoundError);
});

test("batches of messages", async () => {
  const params = { ...ask("x"), stream: false as const };
  const batch = await client.messages.batches.create({ requests: [{ custom_id: "1", params }] });
  assert.equal((await client.messages.batches.retrieve(batch.id)).processing_status, "ended");
});

test("headers and fields that nobody knows reach the upstream as they were", async () => {
  const params = { ...ask("hi"), metadata: { user_id: "ann" }, novel: [1] };
  await client.messages.create(params, { headers: { "anthropic-beta": "a-1,b-2" } });
  const seen = ramp.seen().find((request) => request.headers["anthropic-beta"] === "a-1,b-2");
  assert.equal(seen?.headers.authorization, "Bearer key");
  assert.match(String(seen?.headers["anthropic-version"]), /^\d{4}-\d\d-\d\d$/);
  const { model, ...rest } = JSON.parse(String(seen?.body));
  const { model: _, ...sent } = params;
  assert.deepEqual(rest, sent);
  assert.match(model, /^model-v[12]$/);
});

test("errors, the upstream's and Slipway's, are the client's own kinds", async () => {
  const fail = (status: number): Promise<unknown> => client.messages.create(ask(`fail ${status}`));
  await assert.rejects(fail(400), Anthropic.BadRequestError);
  await assert.rejects(fail(429), Anthropic.RateLimitError);
  await assert.rejects(fail(500), Anthropic.InternalServerError);
  await assert.rejects(
    client.messages.create({ ...ask("x"), model: "none" }),
    (error: unknown) =>
      error instanceof Anthropic.NotFoundError &&
      error.type === "not_found_error" &&
      (error.requestID ?? "") !== "",
  );
});

test("an upstream that breaks off within a stream is an error in the client", async () => {
  const stream = await client.messages.create({ ...ask("stall"), stream: true });
  await assert.rejects(
    async () => {
      for await (const event of stream) {
        if (event.type !== "content_block_delta") continue;
        for (const server of [ramp.v1, ramp.v2]) server.cut();
      }
    },
    (error: unknown) => error instanceof Anthropic.APIError && error.type === "api_error",
  );
});

test("an abort within a stream reaches the upstream", () =>
  abortReaches(ramp, async () => {
    const stream = client.messages.stream(ask("stall"));
    stream.on("text", () => stream.abort());
    await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
  }));
