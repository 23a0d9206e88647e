// The `openai` client from npm, as it is: applications change a base URL.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { until } from "../../packages/gateway/test/live-gateway.ts";
import { abortReaches, bothAnswer, type Ramp, startRamp } from "./ramp.ts";

const PARAMETERS = { type: "object", properties: { city: { type: "string" } } };
const WEATHER = { name: "weather", description: "Weather of a city", parameters: PARAMETERS };

let ramp: Ramp;
let client: OpenAI;

before(async () => {
  ramp = await startRamp();
  client = new OpenAI({ baseURL: ramp.url, apiKey: "key", maxRetries: 0 });
});
after(() => ramp.close());

function chat(content: string): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return { model: "gpt-5", messages: [{ role: "user", content }] };
}

test("chat completions, whole", () =>
  bothAnswer(async (user) => {
    const { data, response } = await client.chat.completions.create(chat(user)).withResponse();
    const text = data.choices[0]?.message.content ?? "";
    assert.equal(response.headers.get("x-slipway-version"), text.slice(0, 2));
    assert.equal(data.usage?.total_tokens, 12);
    return text;
  }));

test("chat completions, streamed, with usage", () =>
  bothAnswer(async (user) => {
    const stream = client.chat.completions.stream({
      ...chat(user),
      stream: true,
      stream_options: { include_usage: true },
    });
    const whole = await stream.finalChatCompletion();
    assert.equal(whole.usage?.completion_tokens, 3);
    return whole.choices[0]?.message.content ?? "";
  }));

for (const stream of [false, true]) {
  test(`tools called in chat completions, ${stream ? "streamed" : "whole"}`, () =>
    bothAnswer(async (user) => {
      const params = { ...chat(user), tools: [{ type: "function" as const, function: WEATHER }] };
      const first = stream
        ? await client.chat.completions.stream({ ...params, stream }).finalChatCompletion()
        : await client.chat.completions.create(params);
      const message = first.choices[0]?.message;
      const call = message?.tool_calls?.[0];
      assert.ok(message !== undefined && call?.type === "function");
      assert.deepEqual(JSON.parse(call.function.arguments), { city: "Oslo" });
      const result = { role: "tool" as const, tool_call_id: call.id, content: "sunny" };
      const second = await client.chat.completions.create({
        ...params,
        messages: [...params.messages, message, result],
      });
      return second.choices[0]?.message.content ?? "";
    }, "says sunny"));
}

test("responses, whole and streamed", async () => {
  await bothAnswer(async (input) => {
    const whole = await client.responses.create({ model: "gpt-5", input });
    return whole.output_text;
  });
  await bothAnswer(async (input) => {
    const stream = client.responses.stream({ model: "gpt-5", input });
    return (await stream.finalResponse()).output_text;
  });
});

test("tools called in responses, gone on from by id, on the version that has it", () =>
  bothAnswer(async (user) => {
    const tools = [{ type: "function" as const, ...WEATHER, strict: false }];
    const first = await client.responses.create({ model: "gpt-5", input: user, tools });
    const call = first.output.find((item) => item.type === "function_call");
    assert.deepEqual(JSON.parse(call?.arguments ?? ""), { city: "Oslo" });
    const second = await client.responses.create({
      model: "gpt-5",
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call?.call_id ?? "", output: "sunny" }],
      tools,
    });
    return second.output_text;
  }, "says sunny"));

test("responses are retrieved and deleted where they were made", async () => {
  for (let i = 0; i < 6; i++) {
    const { id } = await client.responses.create({ model: "gpt-5", input: `user ${i}` });
    assert.equal((await client.responses.retrieve(id)).id, id);
    await client.responses.delete(id);
    await assert.rejects(client.responses.retrieve(id), OpenAI.NotFoundError);
  }
  const unknown = { model: "gpt-5", input: "x", previous_response_id: "resp_0" };
  await assert.rejects(client.responses.create(unknown), OpenAI.BadRequestError);
});

test("files and batches", async () => {
  const file = await client.files.create({
    file: await toFile(Buffer.from("{}\n"), "a.jsonl"),
    purpose: "batch",
  });
  assert.equal((await client.files.retrieve(file.id)).filename, "a.jsonl");
  const batch = await client.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
  });
  assert.equal((await client.batches.retrieve(batch.id)).status, "in_progress");
  assert.equal((await client.files.delete(file.id)).deleted, true);
});

test("transcriptions: the model in the form is the upstream's own", async () => {
  const file = await toFile(Buffer.alloc(100_000, "\r\n--"), "a.wav");
  const heard = await client.audio.transcriptions.create({ model: "gpt-5", file });
  assert.match(heard.text, /^(v[12]) heard model-\1$/);
});

test("embeddings, completions and the list of models", async () => {
  const embedded = await client.embeddings.create({ model: "gpt-5", input: "text" });
  assert.deepEqual(embedded.data[0]?.embedding, [0.25, -0.5]);
  const completed = await client.completions.create({ model: "gpt-5", prompt: "f(", suffix: ")" });
  assert.match(completed.choices[0]?.text ?? "", /says hi/);
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.deepEqual(names, ["gpt-5"]);
  assert.equal((await client.models.retrieve("gpt-5")).owned_by, "slipway");
});

test("headers and fields that nobody knows reach the upstream as they were", async () => {
  const fields = { ...chat("hi"), metadata: { a: "b" }, novel: { deep: [1, 2.5, "ü"] } };
  const headers = { "OpenAI-Beta": "x=v1", "OpenAI-Organization": "org", "X-Novel": "1" };
  await client.chat.completions.create(fields, { headers });
  const seen = ramp.seen().find((request) => request.headers["x-novel"] === "1");
  assert.equal(seen?.headers["openai-beta"], "x=v1");
  assert.equal(seen?.headers["openai-organization"], "org");
  assert.equal(seen?.headers.authorization, "Bearer key");
  const { model, ...rest } = JSON.parse(String(seen?.body));
  const { model: _, ...sent } = fields;
  assert.deepEqual(rest, sent);
  assert.match(model, /^model-v[12]$/);
});

test("an upstream's errors are the client's own kinds", async () => {
  const ask = (status: number): Promise<unknown> =>
    client.chat.completions.create(chat(`fail ${status}`));
  await assert.rejects(ask(400), OpenAI.BadRequestError);
  await assert.rejects(ask(500), OpenAI.InternalServerError);
  await assert.rejects(
    ask(429),
    (error: unknown) =>
      error instanceof OpenAI.RateLimitError && error.headers.get("retry-after") === "7",
  );
});

test("Slipway's errors are the client's own kinds, with an id to name", async () => {
  await assert.rejects(
    client.chat.completions.create({ ...chat("x"), model: "none" }),
    (error: unknown) =>
      error instanceof OpenAI.NotFoundError &&
      error.code === "model_not_found" &&
      error.param === "model" &&
      (error.requestID ?? "") !== "",
  );
  const content = "x".repeat(33 * 2 ** 20);
  await assert.rejects(
    client.chat.completions.create(chat(content)),
    (error: unknown) => error instanceof OpenAI.APIError && error.code === "request_too_large",
  );
});

test("an upstream that breaks off within a stream is an error in the client", async () => {
  const stream = await client.chat.completions.create({ ...chat("stall"), stream: true });
  const cut = { done: false };
  await assert.rejects(
    async () => {
      for await (const _ of stream) {
        if (!cut.done) for (const server of [ramp.v1, ramp.v2]) server.cut();
        cut.done = true;
      }
    },
    (error: unknown) => error instanceof OpenAI.APIError && error.code === "upstream_broke_off",
  );
});

for (const streamed of [false, true]) {
  test(`an abort of a ${streamed ? "streamed" : "whole"} answer reaches the upstream`, () =>
    abortReaches(ramp, async () => {
      const abort = new AbortController();
      const before = ramp.seen().length;
      const asked = client.chat.completions.create(
        { ...chat("stall"), stream: streamed },
        { signal: abort.signal },
      );
      const ended = assert.rejects(async () => {
        const answer = await asked;
        if ("controller" in answer) for await (const _ of answer) abort.abort();
        abort.signal.throwIfAborted();
      });
      await until(() => ramp.seen().length > before);
      if (!streamed) abort.abort();
      await ended;
    }));
}

test("bodies of ten megabytes pass, to the byte", async () => {
  const body = chat("é".repeat(5 * 2 ** 20));
  await client.chat.completions.create(body);
  const sent = Buffer.byteLength(JSON.stringify({ ...body, model: "model-v1" }));
  assert.ok(ramp.seen().some((request) => request.body.length === sent));
});
