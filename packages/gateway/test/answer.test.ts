// What an answer turns out to be, however its bytes are cut into chunks.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AnswerScan } from "../src/answer/answer-scan.ts";
import { scanOf } from "../src/answer/scan-of.ts";
import type { Api } from "../src/api.ts";
import { bytes } from "./fixtures.ts";

const STREAM = ["Content-Type", "text/event-stream; charset=utf-8"];
const DOCUMENT = ["content-type", "application/json"];

function cutInto(scan: AnswerScan, body: string, cuts: readonly number[]): AnswerScan {
  const data = bytes(body);
  const places = [...cuts.map((cut) => cut % (data.length + 1)), 0, data.length].sort(
    (a, b) => a - b,
  );
  for (let i = 1; i < places.length; i++) scan.push(data.subarray(places[i - 1], places[i]));
  return scan;
}

const CHUNK = 'data: {"choices":[{"delta":{"content":"x"}}],"usage":null}\n\n';
const STREAMS: readonly [what: string, api: Api, body: string, outcome: string][] = [
  ["a chat with its marker", "chat.completions", `${CHUNK}data: [DONE]\n\n`, "ok"],
  [
    "a chat with CR LF",
    "chat.completions",
    `${CHUNK}data: [DONE]\n\n`.replaceAll("\n", "\r\n"),
    "ok",
  ],
  ["a marker without a last line end", "completions", `${CHUNK}data: [DONE]`, "ok"],
  ["a marker without a space", "completions", `${CHUNK}data:[DONE]\n\n`, "ok"],
  ["a chat without its marker", "chat.completions", CHUNK, "truncated"],
  [
    "a marker inside a text",
    "chat.completions",
    'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n',
    "truncated",
  ],
  ["a marker and nothing else", "chat.completions", "data: [DONE]\n\n", "invalid"],
  ["nothing but a comment", "chat.completions", ": ping\n\n", "invalid"],
  [
    "an error before the marker",
    "chat.completions",
    `${CHUNK}data: {"error":{"code":500}}\n\ndata: [DONE]\n\n`,
    "stream_error",
  ],
  [
    "the word error in a text",
    "chat.completions",
    'data: {"choices":[{"delta":{"content":"\\"error\\""}}]}\n\ndata: [DONE]\n\n',
    "ok",
  ],
  [
    "an error that is null",
    "chat.completions",
    'data: {"error":null,"choices":[]}\n\ndata: [DONE]\n\n',
    "ok",
  ],
  [
    "a named completion",
    "responses",
    'event: response.completed\ndata: {"type":"response.completed"}\n\n',
    "ok",
  ],
  ["a completion by its data alone", "responses", 'data: {"type":"response.completed"}\n\n', "ok"],
  ["an incomplete response", "responses", "event: response.incomplete\ndata: {}\n\n", "ok"],
  [
    "a failed response",
    "responses",
    'data: {"type":"response.failed","response":{}}\n\n',
    "stream_error",
  ],
  [
    "a response cut short",
    "responses",
    'data: {"type":"response.output_text.delta"}\n\n',
    "truncated",
  ],
  [
    "a response with a chat's marker",
    "responses",
    'data: {"type":"response.created"}\n\ndata: [DONE]\n\n',
    "truncated",
  ],
  [
    "a whole message",
    "messages",
    'event: message_start\ndata: {"type":"message_start"}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    "ok",
  ],
  [
    "a message that is overloaded",
    "messages",
    'event: message_start\ndata: {}\n\nevent: error\ndata: {"type":"error","error":{}}\n\n',
    "stream_error",
  ],
  ["an API that is not known", "other", "data: x\n\n", "ok"],
];

for (const [what, api, body, outcome] of STREAMS) {
  test(`${what} is ${outcome}, however it is cut`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
        assert.equal(cutInto(scanOf(api, true, STREAM), body, cuts).outcome(), outcome);
      }),
      { numRuns: 50 },
    );
  });
}

const DOCUMENTS: readonly [what: string, body: string, outcome: string][] = [
  ["a whole document", '{"choices":[],"error":null}\n', "ok"],
  ["a document without its end", '{"choices":[', "truncated"],
  ["a document that is not JSON", '{"a": oops}', "invalid"],
  ["an error with status 200", '{"error":{"message":"x"}}', "invalid"],
  ["a page of HTML", "<html></html>", "invalid"],
  ["nothing", "", "invalid"],
  ["a large document", `{"data":["${"x".repeat(20_000)}"],"usage":{"prompt_tokens":1}}`, "ok"],
  ["a large document that breaks off inside", `{"data":["${"x".repeat(20_000)}}`, "invalid"],
];

for (const [what, body, outcome] of DOCUMENTS) {
  test(`${what} is ${outcome}, however it is cut`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 5 }), (cuts) => {
        const scan = scanOf("chat.completions", false, DOCUMENT);
        assert.equal(cutInto(scan, body, cuts).outcome(), outcome);
      }),
      { numRuns: 30 },
    );
  });
}

test("what is compressed is good when it ends cleanly with something in it", () => {
  const headers = [...DOCUMENT, "Content-Encoding", "gzip"];
  assert.equal(scanOf("chat.completions", true, headers).outcome(), "invalid");
  assert.equal(
    cutInto(scanOf("chat.completions", true, headers), "\u001f\u008b", []).outcome(),
    "ok",
  );
});

test("usage is read from whichever chunk has it, in each API's words", () => {
  const usageOf = (api: Api, body: string, headers = STREAM): unknown => {
    const scan = cutInto(scanOf(api, true, headers), body, [10, 40, 60]);
    scan.outcome();
    return scan.usage();
  };
  const chat =
    '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":8}}}';
  const expected = { inputTokens: 9, cachedTokens: 8, outputTokens: 4 };
  assert.deepEqual(usageOf("chat.completions", `${CHUNK}data: ${chat}\n\n${CHUNK}`), expected);
  assert.deepEqual(usageOf("chat.completions", chat, DOCUMENT), expected);
  const long = chat.replace("[]", `["${"x".repeat(20_000)}"]`);
  assert.deepEqual(usageOf("chat.completions", long, DOCUMENT), expected);
  const response =
    '{"type":"response.completed","response":{"usage":{"input_tokens":9,"output_tokens":4,"input_tokens_details":{"cached_tokens":8}}}}';
  assert.deepEqual(
    usageOf("responses", `event: response.completed\ndata: ${response}\n\n`),
    expected,
  );
  const start =
    '{"type":"message_start","message":{"usage":{"input_tokens":9,"cache_read_input_tokens":8,"output_tokens":1}}}';
  const delta = '{"type":"message_delta","usage":{"output_tokens":4}}';
  assert.deepEqual(usageOf("messages", `data: ${start}\n\ndata: ${delta}\n\n`), expected);
  const absurd = `{"usage":{"prompt_tokens":${Number.MAX_SAFE_INTEGER},"completion_tokens":1}}`;
  assert.deepEqual(
    usageOf("chat.completions", absurd, DOCUMENT),
    { inputTokens: 2 ** 32, cachedTokens: 0, outputTokens: 1 },
    "sums of it stay exact",
  );
});

test("answers within answers are not followed down, however deep they go", () => {
  const usage = '"usage":{"prompt_tokens":1}';
  const deep = (depth: number): string =>
    `{"message":${'{"message":'.repeat(depth)}0${"}".repeat(depth)},${usage}}`;
  const document = scanOf("chat.completions", false, DOCUMENT);
  assert.equal(cutInto(document, deep(100_000), []).outcome(), "ok");
  assert.equal(document.usage()?.inputTokens, 1);
  const stream = scanOf("messages", true, STREAM);
  assert.equal(cutInto(stream, `data: ${deep(50_000)}\n\n`, []).outcome(), "truncated");
  assert.equal(stream.usage()?.inputTokens, 1);
});

test("of a line that is too long the same is read, wherever chunks end", () => {
  const late = `data: {"x":"${"x".repeat(2 ** 20)}","usage":{"prompt_tokens":1}}\n\ndata: [DONE]\n\n`;
  for (const cuts of [[], [2 ** 19], [2 ** 20 + 1]]) {
    const scan = cutInto(scanOf("chat.completions", true, STREAM), late, cuts);
    assert.deepEqual([scan.outcome(), scan.usage()], ["ok", null]);
  }
});

test("a line without end is not kept for ever", () => {
  const scan = scanOf("chat.completions", true, STREAM);
  const chunk = bytes("x".repeat(2 ** 20));
  for (let i = 0; i < 8; i++) scan.push(chunk);
  scan.push(bytes(`\n\n${CHUNK}data: [DONE]\n\n`));
  assert.equal(scan.outcome(), "ok");
});
