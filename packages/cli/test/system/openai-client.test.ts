// The `openai` client from npm, as it is, against `slipway up` with a rollout at 50%: applications change a base URL.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { presets } from "@slipway/simulator";
import { startFleet } from "@slipway/simulator/edge";
import OpenAI from "openai";
import { ControlClient } from "slipway";
import { fakeUpstream } from "../fake-upstream.ts";
import { scratch, start, until } from "../slipway.ts";

const BIG_BYTES = 10 * 1024 * 1024;
const HINTS = { sim_prompt_tokens: "900", sim_output_tokens: "40" };

let client: OpenAI;

before(async (t) => {
  assert.ok("after" in t);
  const fleet = await startFleet({
    versions: { stable: presets["gpt-5.0"], candidate: presets["gpt-5.3-scaled"] },
    seed: 1,
  });
  const large = await fakeUpstream("large");
  const folder = scratch((clean) => t.after(clean));
  const file = `${folder}/slipway.yaml`;
  writeFileSync(
    file,
    `
models:
  code:
    stable: gpt-5.0
    versions:
      gpt-5.0: { upstreams: [{ url: "${fleet.urls["stable"]}" }] }
      gpt-5.3: { upstreams: [{ url: "${fleet.urls["candidate"]}" }] }
    policy:
      stages: [{ share: 50%, hold: 1h, min-requests: 1 }, { share: 100%, hold: 1h, min-requests: 1 }]
  large:
    stable: one
    versions: { one: { upstreams: [{ url: "${large.url}" }] } }
`,
  );
  const ports = ["--port", "0", "--control-port", "0", "--status-port", "0", "--workers", "2"];
  const up = start(["up", "--config", file, "--data-dir", `${folder}/data`, "--json", ...ports]);
  t.after(async () => {
    up.child.kill("SIGTERM");
    await up.ended;
    await fleet.close();
    large.close();
  });
  const said = await until("up answers", () =>
    up.said().out.trimEnd().endsWith("}") ? up.said().out : null,
  );
  const { gateway, controller } = JSON.parse(said) as { gateway: string; controller: string };
  const control = new ControlClient({ url: controller, token: null });
  const { id } = await control.start({ model: "code", to: "gpt-5.3", by: "test", reason: "" });
  await until("every worker confirms the stage", async () => {
    const { phase } = await control.rollout(id);
    return phase.kind === "stage" && phase.confirmedAtMs !== null ? true : null;
  });
  client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: "any", maxRetries: 0 });
});

function chat(user: string): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return {
    model: "code",
    user,
    metadata: HINTS,
    messages: [{ role: "user", content: "write a loop" }],
  };
}

test("chat completions are answered whole, by both versions", async () => {
  const versions = new Set<string | null>();
  for (let user = 0; user < 20; user++) {
    const { data, response } = await client.chat.completions
      .create(chat(`user-${user}`))
      .withResponse();
    assert.ok((data.choices[0]?.message.content ?? "").length > 0);
    assert.equal(data.choices[0]?.finish_reason, "stop");
    assert.match(response.headers.get("x-slipway-request-id") ?? "", /\S{8,}/);
    versions.add(response.headers.get("x-slipway-version"));
  }
  assert.deepEqual([...versions].sort(), ["gpt-5.0", "gpt-5.3"]);
});

test("chat completions stream, with usage when asked for", async () => {
  const stream = await client.chat.completions.create({
    ...chat("ann"),
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let tokens = 0;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    tokens = chunk.usage?.completion_tokens ?? tokens;
  }
  assert.ok(text.length > 0);
  assert.equal(tokens > 0, true);
});

test("completions are answered whole and streamed", async () => {
  const request = { model: "code", user: "ann", prompt: "for (", max_tokens: 16 };
  const whole = await client.completions.create(request);
  assert.ok((whole.choices[0]?.text ?? "").length > 0);
  let text = "";
  for await (const chunk of await client.completions.create({ ...request, stream: true })) {
    text += chunk.choices[0]?.text ?? "";
  }
  assert.ok(text.length > 0);
});

test("errors are the client's own error classes", async () => {
  await assert.rejects(
    client.chat.completions.create({ ...chat("ann"), model: "nobody" }),
    OpenAI.NotFoundError,
  );
  const tooLong = { ...chat("ann"), metadata: { sim_prompt_tokens: "9000000" } };
  await assert.rejects(client.chat.completions.create(tooLong), OpenAI.BadRequestError);
});

test("a stream that is aborted ends, and the next request is answered", async () => {
  const stream = await client.chat.completions.create({ ...chat("ann"), stream: true });
  for await (const _ of stream) {
    stream.controller.abort();
    break;
  }
  assert.ok((await client.chat.completions.create(chat("ann"))).id.length > 0);
});

test("a body of 10 MB passes", async () => {
  const content = "x".repeat(BIG_BYTES);
  const answer = await client.chat.completions.create({
    model: "large",
    messages: [{ role: "user", content }],
  });
  assert.equal(answer.choices[0]?.message.content, "large");
});

test("the models of the table are listed", async () => {
  const names: string[] = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.deepEqual(names.sort(), ["code", "large"]);
});
