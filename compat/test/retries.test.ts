// What clients do by themselves when Slipway sends them away: they wait as long as they are told, and come again.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { generateText } from "ai";
import OpenAI from "openai";
import { runGateway } from "../../packages/gateway/src/edge/index.ts";
import { routeOf, tableOf, upstreamOf, versionOf } from "../../packages/gateway/test/fixtures.ts";
import { fakeController } from "../../packages/gateway/test/scripted-upstream.ts";
import { modelServer } from "./model-server.ts";

const RETRIES_MAX = 20;

type Fetch = typeof fetch;
type Ask = (base: string, fetched: Fetch) => Promise<string>;

const CLIENTS: { readonly [name: string]: Ask } = {
  openai: async (base, fetched) => {
    const baseURL = `${base}/v1`;
    const client = new OpenAI({ baseURL, apiKey: "key", fetch: fetched, maxRetries: RETRIES_MAX });
    return (await client.responses.create({ model: "gpt-5", input: "x" })).output_text;
  },
  anthropic: async (base, fetched) => {
    const options = { apiKey: "key", fetch: fetched, maxRetries: RETRIES_MAX };
    const client = new Anthropic({ ...options, baseURL: base });
    const messages = [{ role: "user" as const, content: "x" }];
    const message = await client.messages.create({ model: "gpt-5", max_tokens: 9, messages });
    return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
  },
  "ai-sdk": async (base, fetched) => {
    const provider = createOpenAI({ baseURL: `${base}/v1`, apiKey: "key", fetch: fetched });
    const model = provider.chat("gpt-5");
    return (await generateText({ model, prompt: "x", maxRetries: RETRIES_MAX })).text;
  },
};

for (const [name, ask] of Object.entries(CLIENTS)) {
  test(`${name} comes again after a gateway that had no table yet`, async (t) => {
    const upstream = await modelServer("v1");
    const stable = versionOf("v1", upstreamOf({ url: upstream.url }));
    const controller = await fakeController(tableOf(1, routeOf({ stable })));
    controller.isUp = false;
    const dataDir = mkdtempSync(join(tmpdir(), "slipway-compat-"));
    const gateway = await runGateway({
      listen: { host: "127.0.0.1", port: 0 },
      controllerUrl: controller.url,
      dataDir,
      name: "test",
      workers: 1,
      logLevel: "silent",
    });
    t.after(async () => {
      await gateway.close();
      await Promise.all([controller.close(), upstream.close()]);
      rmSync(dataDir, { recursive: true, force: true });
    });
    const answers: string[] = [];
    const fetched: Fetch = async (input, init) => {
      const answer = await fetch(input, init);
      answers.push(`${answer.status} ${answer.headers.get("retry-after") ?? ""}`.trim());
      controller.isUp = true;
      return answer;
    };
    assert.equal(await ask(`http://127.0.0.1:${gateway.port}`, fetched), "v1 says hi");
    assert.equal(answers[0], "503 1");
    assert.equal(answers.at(-1), "200");
  });
}
