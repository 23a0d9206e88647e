// Real answers over a real socket, from a server that says what the test tells it to.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { Outcome } from "@slipway/preflight";
import { chatClient } from "@slipway/preflight/edge";
import { SlipwayError } from "@slipway/wire";
import { served } from "../surroundings.ts";

type Reply = (response: ServerResponse, body: Record<string, unknown>) => void;

async function answered(
  t: TestContext,
  reply: Reply,
  { stream = false, timeoutMs = 60_000 } = {},
): Promise<Outcome> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    reply(response, JSON.parse(Buffer.concat(parts).toString("utf8")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = chatClient();
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  const [endpoint] = served("v2", `http://127.0.0.1:${port}/v1`).endpoints;
  const body = { messages: [{ role: "user", content: "hi" }] };
  const { signal } = new AbortController();
  return await client.ask({ endpoint, body, stream, timeoutMs, signal });
}

const events = (...data: readonly (object | string)[]): string =>
  data.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`).join("");

const piece = (delta: object, finish_reason: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason }],
});

test("a whole answer has its text, its end and the server's own counts", async (t) => {
  const outcome = await answered(t, (response, body) => {
    const usage = { prompt_tokens: 12, completion_tokens: 3 };
    const message = { role: "assistant", content: `as ${String(body["model"])}` };
    response.end(JSON.stringify({ choices: [{ message, finish_reason: "stop" }], usage }));
  });
  assert.ok(outcome.kind === "answer");
  assert.equal(outcome.text, "as v2");
  assert.equal(outcome.finishReason, "stop");
  assert.deepEqual(outcome.usage, { promptTokens: 12, completionTokens: 3, cachedTokens: 0 });
});

test("a streamed answer is put together from its pieces, tool calls by their place", async (t) => {
  const call = (index: number, name: string | undefined, args: string): object =>
    piece({ tool_calls: [{ index, function: { name, arguments: args } }] });
  const outcome = await answered(
    t,
    (response, body) => {
      assert.deepEqual(body["stream_options"], { include_usage: true });
      const usage = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 9 } };
      response.end(
        events(
          piece({ role: "assistant" }),
          piece({ content: "let " }),
          piece({ content: "x" }),
          call(0, "read", '{"pa'),
          call(1, "list", "{}"),
          call(0, undefined, 'th":1}'),
          piece({}, "tool_calls"),
          usage,
          "[DONE]",
        ),
      );
    },
    { stream: true },
  );
  assert.ok(outcome.kind === "answer");
  assert.equal(outcome.text, "let x");
  assert.equal(outcome.finishReason, "tool_calls");
  assert.equal(outcome.usage?.completionTokens, 9);
  assert.equal(outcome.pieces, 5);
  assert.deepEqual(
    outcome.toolCalls.map((made) => [made.name, made.arguments]),
    [
      ["read", '{"path":1}'],
      ["list", "{}"],
    ],
  );
});

test("a stream without its end marker broke off, whatever it said", async (t) => {
  const reply: Reply = (response) => response.end(events(piece({ content: "let" }, "stop")));
  const outcome = await answered(t, reply, { stream: true });
  assert.ok(outcome.kind === "failure");
  assert.equal(outcome.because, "broken-off");
});

test("of an error only status and short words are left, never the server's own text", async (t) => {
  const outcome = await answered(t, (response) => {
    const error = {
      message: "Bearer secret-key is bad",
      code: "unsupported_parameter",
      param: "top_k",
    };
    response.writeHead(400).end(JSON.stringify({ error: { ...error, type: "a long text of it" } }));
  });
  assert.ok(outcome.kind === "rejection");
  const { totalMs: _, ...rest } = outcome;
  assert.deepEqual(rest, {
    kind: "rejection",
    status: 400,
    code: "unsupported_parameter",
    parameter: "top_k",
  });
});

test("what is no completion is unreadable, and silence times out", async (t) => {
  const odd = await answered(t, (response) => void response.end("<html>"));
  assert.ok(odd.kind === "failure" && odd.because === "unreadable");
  const silent = await answered(t, () => {}, { timeoutMs: 50 });
  assert.ok(silent.kind === "failure" && silent.because === "timeout");
});

test("a server that is not there is told from one that answers badly", async () => {
  const client = chatClient();
  const [endpoint] = served("v2", "http://127.0.0.1:1/v1").endpoints;
  const { signal } = new AbortController();
  const outcome = await client.ask({
    endpoint,
    body: {},
    stream: false,
    timeoutMs: 60_000,
    signal,
  });
  await client.close();
  assert.ok(outcome.kind === "failure" && outcome.because === "connection");
});

test("a file of authorities that is not there is an error that says which", async (t) => {
  const client = chatClient();
  t.after(() => client.close());
  const [known] = served("v2", "https://127.0.0.1:9/v1").endpoints;
  const endpoint = { ...known, caFile: "/none/authorities.pem" };
  const body = { messages: [{ role: "user", content: "hi" }] };
  const { signal } = new AbortController();
  await assert.rejects(
    client.ask({ endpoint, body, stream: false, timeoutMs: 1_000, signal }),
    (error) =>
      error instanceof SlipwayError &&
      error.code === "ca_file" &&
      error.message.includes("/none/authorities.pem") &&
      error.fix?.includes("slipway.yaml") === true,
  );
});
