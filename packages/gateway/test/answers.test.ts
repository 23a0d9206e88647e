// Answers kept for scoring: which, in what words, and without holding anybody up.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mirror, Route } from "@slipway/core";
import type { AnswerRecord } from "@slipway/wire";
import { answerText, requestText } from "../src/answers/answer-text.ts";
import { redaction } from "../src/answers/redaction.ts";
import { bytes, routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { chat, FakeExchange, STREAM_TYPE, World } from "./virtual-world.ts";

const POLICY = { sample: 1, redact: [], bytesMax: 1_000_000, ageMsMax: 1_000_000 };
const ANSWER = JSON.stringify({
  id: "1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
});

type Kept = { readonly world: World; readonly records: AnswerRecord[]; takes: boolean };

function keeping(fields: Partial<Route> = {}): Kept {
  const kept: Kept = {
    records: [],
    takes: true,
    world: World.leased(tableOf(1, routeOf({ answers: POLICY, ...fields })), {
      answers: {
        write: (_, line) => {
          if (kept.takes) kept.records.push(JSON.parse(line) as AnswerRecord);
          return kept.takes;
        },
      },
    }),
  };
  return kept;
}

test("a kept answer says who answered what, and how it ended", () => {
  const { world, records } = keeping();
  world.ask(chat("ann", { messages: [{ role: "user", content: "hi" }], user: "ann" }));
  world.lastCall.answer(200, ANSWER);
  assert.equal(records.length, 0, "not on the request's own time");
  world.pass(100);
  const [record, ...others] = records;
  assert.equal(others.length, 0);
  assert.deepEqual(
    { ...record, atMs: 0, id: "" },
    {
      atMs: 0,
      id: "",
      model: "gpt-5",
      version: "v1",
      arm: "stable",
      segment: "all",
      api: "chat.completions",
      outcome: "ok",
      ending: "answered",
      mirror: null,
      totalMs: 0,
      ttftMs: 0,
      outputTokens: null,
      request: '{"model":"gpt-5","messages":[{"role":"user","content":"hi"}]}',
      answer: "hello",
    },
  );
});

test("nothing is kept unless the policy or a mirror says so", () => {
  const { world, records } = keeping({ answers: { ...POLICY, sample: 0 } });
  world.ask(chat("ann"));
  world.lastCall.answer(200, ANSWER);
  world.pass(100);
  assert.equal(records.length, 0);
});

test("both answers to a mirrored request are kept under one id", () => {
  const mirror: Mirror = {
    id: "mirror-1",
    to: versionOf("v3", upstreamOf({ url: "http://shadow.test/v1" })),
    share: 1,
    copies: 1,
    again: 0,
    inFlightMax: 1,
    perMinuteMax: null,
    keep: true,
  };
  const { world, records } = keeping({ mirror, answers: { ...POLICY, sample: 0 } });
  world.ask(chat("ann"));
  world.calls[0]?.answer(200, ANSWER);
  world.ask(chat("bob"));
  world.calls[2]?.answer(200, ANSWER);
  world.calls[1]?.answer(200, ANSWER.replace("hello", "good day"));
  world.pass(100);
  assert.deepEqual(
    records.map(({ arm, version, answer }) => [arm, version, answer]),
    [
      ["stable", "v1", "hello"],
      ["shadow", "v3", "good day"],
    ],
    "bob's request was not copied, so that his answer has nothing to be compared with",
  );
  assert.equal(records[0]?.id, records[1]?.id);
});

test("stable's second answer is kept as a copy of its mirror", () => {
  const mirror: Mirror = {
    id: "mirror-1",
    to: versionOf("v3", upstreamOf({ url: "http://shadow.test/v1" })),
    share: 1,
    copies: 1,
    again: 1,
    inFlightMax: 2,
    perMinuteMax: null,
    keep: true,
  };
  const { world, records } = keeping({ mirror, answers: { ...POLICY, sample: 0 } });
  world.ask(chat("ann"));
  for (const call of world.calls) call.answer(200, ANSWER);
  world.pass(100);
  assert.deepEqual(
    records.map((one) => [one.arm, one.version, one.mirror, one.ending]),
    [
      ["stable", "v1", null, "answered"],
      ["shadow", "v3", "mirror-1", "answered"],
      ["shadow", "v1", "mirror-1", "answered"],
    ],
  );
});

test("what a mirror's sample leaves out takes no room from what it copies", () => {
  const mirror: Mirror = {
    id: "mirror-1",
    to: versionOf("v3", upstreamOf({ url: "http://shadow.test/v1" })),
    share: 1e-9,
    copies: 1,
    again: 0,
    inFlightMax: 100,
    perMinuteMax: null,
    keep: true,
  };
  const { world } = keeping({ mirror, answers: { ...POLICY, sample: 0.000_1 } });
  for (let i = 0; i < 100; i++) world.ask(chat(`user-${i}`));
  for (const call of world.calls) call.answer(200, ANSWER);
  world.pass(1_000);
  assert.deepEqual(world.answersDropped, []);
});

test("the candidate's answers are kept as the candidate's", () => {
  const { world, records } = keeping({ split: splitOf(10_000) });
  world.ask(chat("ann"));
  world.lastCall.answer(200, ANSWER);
  world.pass(100);
  assert.deepEqual([records[0]?.arm, records[0]?.version], ["candidate", "v2"]);
});

test("what a client did not wait for, what is too large, and what the disk refuses is not kept", () => {
  const kept = keeping();
  const { world, records } = kept;
  world.ask(chat("ann")).leave();
  const large = { messages: [{ role: "user", content: "x".repeat(300_000) }] };
  world.ask(chat("bob", large));
  world.lastCall.answer(200, ANSWER);
  world.ask(chat("cid"));
  world.lastCall.answer(200, ANSWER.replace("hello", "x".repeat(300_000)));
  kept.takes = false;
  world.ask(chat("dan"));
  world.lastCall.answer(200, ANSWER);
  world.pass(100);
  assert.equal(records.length, 0);
  assert.deepEqual(world.answersDropped, ["too-large", "too-large", "disk"]);
});

test("more answers at once than there is room for are dropped, and the requests served", () => {
  const { world, records } = keeping();
  for (let i = 0; i < 90; i++) world.ask(chat(`user-${i}`));
  for (const call of world.calls) call.answer(200, ANSWER);
  world.pass(2_000);
  assert.equal(world.observations.length, 90);
  assert.deepEqual([records.length, world.answersDropped.length], [64, 26]);
});

test("an address that a stream cuts in two is put together before it is hidden", () => {
  const { world, records } = keeping();
  world.ask(chat("ann", { stream: true }));
  const { sink } = world.lastCall;
  sink.onHead(200, STREAM_TYPE);
  for (const content of ["write to ann", "@exam", "ple.com"]) {
    sink.onData(bytes(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`));
  }
  sink.onData(bytes("data: [DONE]\n\n"));
  sink.onEnd();
  world.pass(100);
  assert.equal(records[0]?.answer, "write to [e-mail]");
});

test("the text of every API's answers is found, as a document and as a stream", () => {
  const texts: readonly string[] = [
    '{"choices":[{"text":"a"}]}',
    '{"output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}]}',
    '{"type":"message","content":[{"type":"text","text":"a"}]}',
    'data: {"type":"response.output_text.delta","delta":"a"}\n\n',
    'event: content_block_delta\ndata: {"delta":{"type":"text_delta","text":"a"}}\n\n',
    'data: {"choices":[{"text":"a"}]}\r\n\r\ndata: [DONE]\r\n\r\n',
  ];
  for (const raw of texts) assert.equal(answerText(raw), "a", raw);
  assert.equal(answerText("<html>"), "");
  assert.equal(requestText("not JSON"), "");
});

test("keys, addresses and card numbers are hidden, and what only looks a little like them is not", () => {
  const redact = redaction(["EMP-[0-9]{6}", "(", "x{2}"]);
  const hidden = {
    "mail ann.lee+x@mail.example.com now": "mail [e-mail] now",
    "sk-proj-abcdefghijklmnop1234": "[key]",
    ghp_abcdefghijklmnopqrstuvwx: "[key]",
    AKIAIOSFODNN7EXAMPLE: "[key]",
    "Bearer abcdef.ghijkl-mnop": "[key]",
    "eyJhbGciOiJI.eyJzdWIiOiIx.sflKxw": "[token]",
    "card 4111 1111 1111 1111.": "card [card].",
    'password="hunter22"': 'password="[secret]"',
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----": "[private-key]",
    "EMP-123456": "[redacted]",
    "order 4111 1111 1111 1112": "order 4111 1111 1111 1112",
    "a sketch of task-12": "a sketch of task-12",
  };
  for (const [text, expected] of Object.entries(hidden)) assert.equal(redact(text), expected);
});

test("redaction takes time in proportion to the text, also of texts that almost match", () => {
  const redact = redaction([]);
  for (const part of ["a", "a@", "a.", "1 ", "eyJ", "sk-", "-----BEGIN ", "password "]) {
    assert.ok(redact(part.repeat(60_000)).length > 0);
  }
});

test("a request of another API is served and not kept", () => {
  const { world, records } = keeping();
  world.ask(new FakeExchange({ model: "gpt-5", query: "x" }, [], "/v1/rerank"));
  world.lastCall.answer(200, "{}");
  world.pass(100);
  assert.equal(records.length, 0);
});
