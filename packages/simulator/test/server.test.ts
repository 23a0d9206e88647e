// The OpenAI API of a simulated server, and each planted fault as a client sees it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "@slipway/core";
import {
  type Fault,
  ModelServer,
  type Reply,
  type SimulatedVersion,
  VirtualClock,
} from "@slipway/simulator";
import { tinyEngine } from "./fixtures.ts";

const version: SimulatedVersion = {
  model: "sim-1",
  engine: { ...tinyEngine, blocksMax: 10_000 },
  replicas: 2,
  charactersPerToken: 4,
  contextTokensMax: 4096,
  outputFactor: 1,
  refusals: {},
  faults: [],
};

type Got = {
  status: number;
  headers: { readonly [name: string]: string };
  text: string;
  ending: "open" | "end" | "cut";
  firstMs: number;
};

function world(overrides: Partial<SimulatedVersion> = {}) {
  const clock = new VirtualClock();
  const server = new ModelServer({
    version: { ...version, ...overrides },
    clock,
    random: createRandom(1),
  });
  const open = (method: string, path: string, body: unknown, authorization?: string) => {
    const got: Got = { status: 0, headers: {}, text: "", ending: "open", firstMs: Number.NaN };
    const reply: Reply = {
      head: (status, headers) => Object.assign(got, { status, headers, firstMs: clock.mono() }),
      chunk: (text) => {
        assert.equal(got.ending, "open");
        got.text += text;
      },
      end: () => {
        assert.equal(got.ending, "open");
        got.ending = "end";
      },
      cut: () => {
        assert.equal(got.ending, "open");
        got.ending = "cut";
      },
    };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const abort = server.handle({ method, path, authorization, body: text }, reply);
    return { got, abort };
  };
  const ask = (path: string, body: unknown): Got => {
    const { got } = open("POST", path, body);
    clock.run();
    return got;
  };
  return { clock, server, open, ask };
}

const chat = (more: object = {}) => ({
  model: "sim-1",
  messages: [{ role: "user", content: "complete this function" }],
  metadata: { sim_output_tokens: "3" },
  ...more,
});

const CHAT = "/v1/chat/completions";

function events(text: string): unknown[] {
  return text
    .split("\n\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^data: /, ""))
    .map((data) => (data === "[DONE]" ? data : JSON.parse(data)));
}

function withFault(fault: Fault, body: object = chat({ stream: true })): Got {
  return world({ faults: [fault] }).ask(CHAT, body);
}

test("a chat completion is one JSON object with its usage", () => {
  const got = world().ask(CHAT, chat());
  assert.equal(got.status, 200);
  assert.equal(got.ending, "end");
  const { choices, usage, ...rest } = JSON.parse(got.text);
  assert.deepEqual(rest, {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1767225600,
    model: "sim-1",
    system_fingerprint: null,
  });
  assert.equal(choices[0].finish_reason, "stop");
  assert.equal(choices[0].message.role, "assistant");
  assert.ok(choices[0].message.content.length > 0);
  assert.deepEqual(usage, {
    prompt_tokens: 6,
    completion_tokens: 3,
    total_tokens: 9,
    prompt_tokens_details: { cached_tokens: 0 },
  });
});

test("a chat stream has a role chunk, a chunk per token, a finish chunk and the end marker", () => {
  const got = world().ask(CHAT, chat({ stream: true }));
  assert.equal(got.headers["content-type"], "text/event-stream; charset=utf-8");
  const all = events(got.text) as { choices: { delta: object; finish_reason: unknown }[] }[];
  const shapes = all.map((event) =>
    typeof event === "string"
      ? event
      : `${Object.keys(event.choices[0]?.delta ?? {})}/${event.choices[0]?.finish_reason}`,
  );
  assert.deepEqual(shapes, [
    "role,content/null",
    "content/null",
    "content/null",
    "content/null",
    "/stop",
    "[DONE]",
  ]);
  assert.ok(!got.text.includes("usage"));
});

test("the usage chunk comes only when asked for, last and without choices", () => {
  const got = world().ask(CHAT, chat({ stream: true, stream_options: { include_usage: true } }));
  const all = events(got.text);
  assert.equal(all.at(-1), "[DONE]");
  const { choices, usage } = all.at(-2) as { choices: unknown[]; usage: object };
  assert.deepEqual(choices, []);
  assert.deepEqual(usage, {
    prompt_tokens: 6,
    completion_tokens: 3,
    total_tokens: 9,
    prompt_tokens_details: { cached_tokens: 0 },
  });
});

test("plain completions answer with text, streamed and not, and the text is the same", () => {
  const body = { model: "sim-1", prompt: "const a", metadata: { sim_output_tokens: "9" } };
  const whole = JSON.parse(world().ask("/v1/completions", body).text);
  const streamed = events(world().ask("/v1/completions", { ...body, stream: true }).text);
  const joined = streamed
    .map((event) => (event as { choices?: { text: string }[] }).choices?.[0]?.text ?? "")
    .join("");
  assert.equal(whole.object, "text_completion");
  assert.equal(joined, whole.choices[0].text);
});

test("max_tokens cuts the answer and the finish reason says so", () => {
  const { choices, usage } = JSON.parse(world().ask(CHAT, chat({ max_tokens: 2 })).text);
  assert.equal(choices[0].finish_reason, "length");
  assert.equal(usage.completion_tokens, 2);
});

test("length hints count in reference tokens, and the version's tokenizer makes its own of them", () => {
  const body = chat({ metadata: { sim_prompt_tokens: "1000", sim_output_tokens: "1" } });
  const got = world({ charactersPerToken: 3.2 }).ask(CHAT, body);
  assert.equal(JSON.parse(got.text).usage.prompt_tokens, 1250);
});

test("prompts with the same hinted prefix share it, on the same replica", () => {
  const { ask } = world();
  const body = (prefix: string) =>
    chat({ metadata: { sim_prompt_tokens: "500", sim_output_tokens: "1", sim_prefix: prefix } });
  const cached = (got: Got) => JSON.parse(got.text).usage.prompt_tokens_details.cached_tokens;
  assert.equal(cached(ask(CHAT, body("file-a:400"))), 0);
  assert.equal(cached(ask(CHAT, body("file-b:400"))), 0);
  assert.equal(cached(ask(CHAT, body("file-a:400"))), 400);
});

test("prompts given as text share their beginning too", () => {
  const { ask } = world();
  const body = (end: string) =>
    chat({ messages: [{ role: "user", content: `${"const x = 1;\n".repeat(100)}${end}` }] });
  ask(CHAT, body("a"));
  const { usage } = JSON.parse(ask(CHAT, body("b")).text);
  assert.equal(usage.prompt_tokens_details.cached_tokens, 320);
});

const broken: readonly (readonly [string, unknown, number, string | null])[] = [
  ["not JSON", "{", 400, null],
  ["no model", { messages: [] }, 400, null],
  ["no messages", { model: "sim-1" }, 400, null],
  ["a message that is no object", { model: "sim-1", messages: ["hi"] }, 400, null],
  ["a limit of zero tokens", chat({ max_tokens: 0 }), 400, null],
  ["two choices", chat({ n: 2 }), 400, null],
  ["another model", chat({ model: "gpt-9" }), 404, "model_not_found"],
  ["too long", chat({ metadata: { sim_prompt_tokens: "5000" } }), 400, "context_length_exceeded"],
];
for (const [name, body, status, code] of broken) {
  test(`a bad request gets the API's error envelope: ${name}`, () => {
    const got = world().ask(CHAT, body);
    assert.equal(got.status, status);
    const { error } = JSON.parse(got.text);
    assert.equal(error.type, "invalid_request_error");
    assert.equal(error.code, code);
    assert.ok(error.message.length > 10);
  });
}

test("a missing or wrong key gets 401, the right one passes", () => {
  const { open, clock } = world({ apiKey: "secret" });
  assert.equal(open("GET", "/v1/models", "").got.status, 401);
  assert.equal(open("GET", "/v1/models", "", "Bearer wrong").got.status, 401);
  const { got } = open("GET", "/v1/models?limit=5", "", "Bearer secret");
  clock.run();
  assert.equal(JSON.parse(got.text).data[0].id, "sim-1");
});

test("an unknown path gets 404", () => {
  assert.equal(world().ask("/v1/embeddings", {}).status, 404);
});

test("a full queue gets 429 with Retry-After", () => {
  const { open } = world({
    replicas: 1,
    engine: { ...version.engine, sequencesMax: 1, waitingMax: 1 },
  });
  const statuses = [1, 2, 3].map(() => open("POST", CHAT, chat()).got);
  const last = statuses[2];
  assert.equal(last?.status, 429);
  assert.equal(last?.headers["retry-after"], "1");
});

test("a client that leaves frees its place in the engine and is sent nothing more", () => {
  const { open, clock, server } = world();
  const body = chat({ stream: true, metadata: { sim_output_tokens: "100" } });
  const { got, abort } = open("POST", CHAT, body);
  clock.run(200);
  const length = got.text.length;
  assert.ok(length > 0);
  abort();
  assert.equal(server.load, 0);
  clock.run();
  assert.equal(got.text.length, length);
  assert.equal(got.ending, "open");
});

test("refusals follow the language's rate, and use the refusal field of a chat", () => {
  const { ask } = world({ refusals: { typescript: 1, "*": 0 } });
  const asked = (language: string) =>
    JSON.parse(
      ask(CHAT, chat({ metadata: { sim_output_tokens: "20", sim_language: language } })).text,
    ).choices[0];
  assert.match(asked("typescript").message.refusal, /^I'm sorry/);
  assert.equal(asked("typescript").message.content, null);
  assert.equal(asked("go").message.refusal, null);
});

test("a slowdown lasts from its beginning to its end", () => {
  const { clock, open } = world({
    faults: [{ kind: "slowdown", factor: 4, fromMs: 1000, untilMs: 2000 }],
  });
  const tookMs = [0, 1000, 2000].map((startMs) => {
    clock.run(startMs);
    const { got } = open("POST", CHAT, chat());
    clock.run(startMs + 900);
    return Math.round(got.firstMs - startMs);
  });
  assert.deepEqual(tookMs, [33, 130, 33]);
});

test("a slow tail touches a share of the requests and leaves the others alone", () => {
  const { open, clock } = world({ faults: [{ kind: "slow-tail", rate: 0.1, extraMs: 5000 }] });
  const all = Array.from({ length: 200 }, (_, i) => {
    clock.run(i * 200);
    return { startMs: clock.mono(), got: open("POST", CHAT, chat()).got };
  });
  clock.run();
  const slow = all.filter(({ startMs, got }) => got.firstMs - startMs > 5000).length;
  assert.ok(slow >= 10 && slow <= 32, `${slow} of 200 were slow`);
});

test("an error burst answers its status while it lasts", () => {
  const { ask } = world({ faults: [{ kind: "errors", rate: 1, status: 503, untilMs: 1 }] });
  const first = ask(CHAT, chat());
  assert.equal(first.status, 503);
  assert.equal(JSON.parse(first.text).error.type, "service_unavailable_error");
});

test("a hang sends what it must and then neither ends nor holds the engine", () => {
  const { open, clock, server } = world({ faults: [{ kind: "hang", rate: 1, afterTokens: 2 }] });
  const { got } = open("POST", CHAT, chat({ stream: true }));
  clock.run(100_000);
  assert.equal(events(got.text).length, 3);
  assert.equal(got.ending, "open");
  assert.equal(server.load, 0);
});

test("a cut breaks the connection in the middle of a stream, or before a whole answer", () => {
  const fault: Fault = { kind: "cut", rate: 1, afterTokens: 1 };
  const streamed = withFault(fault);
  assert.deepEqual([streamed.ending, events(streamed.text).length], ["cut", 2]);
  const whole = withFault(fault, chat());
  assert.deepEqual([whole.ending, whole.status], ["cut", 0]);
});

test("an error event ends a stream after some tokens; a whole answer becomes a 500", () => {
  const fault: Fault = { kind: "error-event", rate: 1, afterTokens: 2 };
  const streamed = withFault(fault);
  assert.equal(streamed.status, 200);
  const last = events(streamed.text).at(-1) as { error: { type: string } };
  assert.equal(last.error.type, "server_error");
  assert.equal(withFault(fault, chat()).status, 500);
});

test("garbage is a 200 without an answer", () => {
  const got = withFault({ kind: "garbage", rate: 1 });
  assert.deepEqual([got.status, got.text, got.ending], [200, "", "end"]);
  assert.equal(withFault({ kind: "garbage", rate: 1, body: "<html>" }).text, "<html>");
});

test("a rejected parameter gets 400 and names it", () => {
  const fault: Fault = { kind: "rejects", parameter: "logit_bias" };
  assert.equal(withFault(fault).status, 200);
  const got = withFault(fault, chat({ logit_bias: {} }));
  assert.equal(got.status, 400);
  assert.equal(JSON.parse(got.text).error.param, "logit_bias");
});

test("a quota answers 429 past its limit, says when to return, and refills", () => {
  const { clock, open } = world({
    faults: [{ kind: "quota", requestsPerMinute: 2, tokensPerMinute: 100_000 }],
  });
  const asked = [1, 2, 3].map(() => open("POST", CHAT, chat()).got);
  clock.run(1000);
  assert.deepEqual(
    asked.map((got) => got.status),
    [200, 200, 429],
  );
  assert.equal(asked[0]?.headers["x-ratelimit-remaining-requests"], "1");
  assert.equal(asked[2]?.headers["x-ratelimit-limit-requests"], "2");
  assert.equal(asked[2]?.headers["retry-after"], "30");
  clock.run(30_000);
  const { got } = open("POST", CHAT, chat());
  clock.run(31_000);
  assert.equal(got.status, 200);
});

test("a crash breaks what is inside and refuses connections until it is over", () => {
  const { clock, open } = world({ faults: [{ kind: "crash", fromMs: 50, untilMs: 1000 }] });
  const body = chat({ stream: true, metadata: { sim_output_tokens: "50" } });
  const inside = open("POST", CHAT, body).got;
  clock.run(100);
  assert.deepEqual([inside.status, inside.ending], [200, "cut"]);
  const during = open("POST", CHAT, body).got;
  assert.deepEqual([during.status, during.ending], [0, "cut"]);
  clock.run(1000);
  const after = open("POST", CHAT, body).got;
  clock.run();
  assert.equal(after.ending, "end");
});

test("a fault planted later counts its times from then and can be taken out", () => {
  const { clock, server, open } = world();
  clock.run(5000);
  const remove = server.plant({ kind: "errors", rate: 1, status: 500, fromMs: 100 });
  assert.equal(open("POST", CHAT, chat({ model: "other" })).got.status, 404);
  clock.run(5100);
  assert.equal(open("POST", CHAT, chat()).got.status, 500);
  remove();
  const { got } = open("POST", CHAT, chat());
  clock.run();
  assert.equal(got.status, 200);
});
