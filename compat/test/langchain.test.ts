// LangChain from npm, as it is, with its OpenAI and Anthropic models.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ChatAnthropic } from "@langchain/anthropic";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import { type AIMessageChunk, type BaseMessageLike, ToolMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { abortReaches, bothAnswer, type Ramp, startRamp } from "./ramp.ts";

let ramp: Ramp;
const MODELS = ["chat", "responses", "messages"] as const;
type Model = (typeof MODELS)[number];
type Bound = Runnable<BaseLanguageModelInput, AIMessageChunk>;

before(async () => {
  ramp = await startRamp();
});
after(() => ramp.close());

function modelOf(model: Model): ChatOpenAI | ChatAnthropic {
  if (model === "messages") {
    return new ChatAnthropic({
      model: "gpt-5",
      apiKey: "key",
      anthropicApiUrl: ramp.live.base,
      maxRetries: 0,
    });
  }
  return new ChatOpenAI({
    model: "gpt-5",
    apiKey: "key",
    configuration: { baseURL: ramp.url },
    useResponsesApi: model === "responses",
    maxRetries: 0,
  });
}

const weatherIn = (city: string): string => (city === "Oslo" ? "sunny" : "unknown");
const weather = tool(({ city }: { city: string }) => weatherIn(city), {
  name: "weather",
  description: "Weather of a city",
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});

for (const name of MODELS) {
  test(`${name}: text, whole and streamed`, async () => {
    await bothAnswer(async (user) => (await modelOf(name).invoke(user)).text);
    await bothAnswer(async (user) => {
      let text = "";
      for await (const chunk of await modelOf(name).stream(user)) text += chunk.text;
      return text;
    });
  });

  test(`${name}: a tool is called and its result told`, () =>
    bothAnswer(async (user) => {
      const plain = modelOf(name);
      const model: Bound =
        plain instanceof ChatOpenAI ? plain.bindTools([weather]) : plain.bindTools([weather]);
      const said: BaseMessageLike[] = [{ role: "user", content: user }];
      const first = await model.invoke(said);
      const call = first.tool_calls?.[0];
      assert.ok(call !== undefined);
      assert.deepEqual(call.args, { city: "Oslo" });
      const content = weatherIn(String(call.args["city"]));
      const result = new ToolMessage({ tool_call_id: call.id ?? "", content });
      return (await model.invoke([...said, first, result])).text;
    }, "says sunny"));

  test(`${name}: an upstream's errors reach the application with their status`, async () => {
    for (const status of [400, 429, 500]) {
      await assert.rejects(
        modelOf(name).invoke(`fail ${status}`),
        (error: unknown) => (error as { readonly status?: number }).status === status,
      );
    }
  });

  test(`${name}: an abort within a stream reaches the upstream`, () =>
    abortReaches(ramp, async () => {
      const abort = new AbortController();
      const stream = await modelOf(name).stream("stall", { signal: abort.signal });
      await assert.rejects(async () => {
        for await (const chunk of stream) if (chunk.text !== "") abort.abort();
        abort.signal.throwIfAborted();
      });
    }));
}

test("embeddings", async () => {
  const configuration = { baseURL: ramp.url };
  const model = new OpenAIEmbeddings({ model: "gpt-5", apiKey: "key", configuration });
  assert.deepEqual(await model.embedQuery("text"), [0.25, -0.5]);
});
