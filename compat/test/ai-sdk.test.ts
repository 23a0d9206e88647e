// The Vercel AI SDK from npm, as it is, with its three providers that a gateway can stand in for.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embed,
  generateText,
  isStepCount,
  jsonSchema,
  type LanguageModel,
  streamText,
  tool,
} from "ai";
import { abortReaches, bothAnswer, type Ramp, startRamp } from "./ramp.ts";

// It would warn of each model that it does not know by name.
globalThis.AI_SDK_LOG_WARNINGS = false;

let ramp: Ramp;
const PROVIDERS = ["chat", "responses", "messages", "compatible"] as const;
type Provider = (typeof PROVIDERS)[number];

before(async () => {
  ramp = await startRamp();
});
after(() => ramp.close());

function modelOf(provider: Provider): LanguageModel {
  const options = { baseURL: ramp.url, apiKey: "key" };
  switch (provider) {
    case "chat":
      return createOpenAI(options).chat("gpt-5");
    case "responses":
      return createOpenAI(options).responses("gpt-5");
    case "messages":
      return createAnthropic(options)("gpt-5");
    case "compatible":
      return createOpenAICompatible({ ...options, name: "slipway" })("gpt-5");
  }
}

const weather = tool({
  description: "Weather of a city",
  inputSchema: jsonSchema<{ city: string }>({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  }),
  execute: ({ city }) => (city === "Oslo" ? "sunny" : "unknown"),
});

for (const provider of PROVIDERS) {
  test(`${provider}: text, whole and streamed`, async () => {
    const model = modelOf(provider);
    await bothAnswer(async (prompt) => (await generateText({ model, prompt })).text);
    await bothAnswer(async (prompt) => await streamText({ model, prompt }).text);
  });

  test(`${provider}: a tool is called and its result told, whole and streamed`, async () => {
    const options = { model: modelOf(provider), tools: { weather }, stopWhen: isStepCount(3) };
    await bothAnswer(
      async (prompt) => (await generateText({ ...options, prompt })).text,
      "says sunny",
    );
    await bothAnswer(async (prompt) => await streamText({ ...options, prompt }).text, "says sunny");
  });

  test(`${provider}: an upstream's errors are the client's own kind`, async () => {
    for (const status of [400, 429, 500]) {
      await assert.rejects(
        generateText({ model: modelOf(provider), prompt: `fail ${status}`, maxRetries: 0 }),
        (error: unknown) =>
          APICallError.isInstance(error) &&
          error.statusCode === status &&
          error.message === `scripted ${status}` &&
          error.isRetryable === status >= 429,
      );
    }
  });

  test(`${provider}: an abort within a stream reaches the upstream`, () =>
    abortReaches(ramp, async () => {
      const abort = new AbortController();
      const { fullStream } = streamText({
        model: modelOf(provider),
        prompt: "stall",
        abortSignal: abort.signal,
      });
      for await (const part of fullStream) if (part.type === "text-delta") abort.abort();
    }));

  test(`${provider}: a stream that breaks off is an error part`, async () => {
    const { fullStream } = streamText({
      model: modelOf(provider),
      prompt: "stall",
      maxRetries: 0,
      onError: () => {},
    });
    const types = new Set<string>();
    for await (const part of fullStream) {
      types.add(part.type);
      if (part.type === "text-delta") for (const server of [ramp.v1, ramp.v2]) server.cut();
    }
    assert.ok(types.has("error"), [...types].join(" "));
  });
}

test("embeddings", async () => {
  const model = createOpenAI({ baseURL: ramp.url, apiKey: "key" }).embedding("gpt-5");
  assert.deepEqual((await embed({ model, value: "text" })).embedding, [0.25, -0.5]);
});
