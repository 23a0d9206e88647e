// What an answer that came whole says of itself, in the words of every API, however its bytes are cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scanOf } from "../src/answer/scan-of.ts";
import type { Api } from "../src/api.ts";
import { bytes } from "./fixtures.ts";

const STREAM = ["Content-Type", "text/event-stream"];
const DOCUMENT = ["content-type", "application/json"];

type Case = readonly [
  what: string,
  api: Api,
  body: string | readonly string[],
  ending: string | null,
];

const CHAT = "chat.completions";
const CASES: readonly Case[] = [
  [
    "a chat",
    CHAT,
    '{"choices":[{"message":{"content":"Hi","refusal":null},"finish_reason":"stop"}]}',
    "answered",
  ],
  [
    "an empty chat",
    CHAT,
    '{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}',
    "empty",
  ],
  [
    "a chat without content",
    CHAT,
    '{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}',
    "empty",
  ],
  [
    "a call of a tool",
    CHAT,
    '{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c"}]},"finish_reason":"tool_calls"}]}',
    "answered",
  ],
  [
    "a filter",
    CHAT,
    '{"choices":[{"message":{"content":""},"finish_reason" : "content_filter"}]}',
    "refused",
  ],
  [
    "a refusal",
    CHAT,
    '{"choices":[{"message":{"content":null,"refusal":"I cannot help"},"finish_reason":"stop"}]}',
    "refused",
  ],
  [
    "the limit of tokens",
    CHAT,
    '{"choices":[{"message":{"content":"Once"},"finish_reason":"length"}]}',
    "cut-off",
  ],
  [
    "words about it in a text",
    CHAT,
    '{"choices":[{"message":{"content":"\\"finish_reason\\":\\"length\\", \\"refusal\\":\\"no\\""},"finish_reason":"stop"}]}',
    "answered",
  ],
  ["a completion", "completions", '{"choices":[{"text":"x","finish_reason":"length"}]}', "cut-off"],
  [
    "a message",
    "messages",
    '{"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}',
    "answered",
  ],
  ["a message without parts", "messages", '{"content":[],"stop_reason":"end_turn"}', "empty"],
  ["a message that refuses", "messages", '{"content":[],"stop_reason":"refusal"}', "refused"],
  [
    "a message that uses a tool",
    "messages",
    '{"content":[{"type":"tool_use","input":{}}],"stop_reason":"tool_use"}',
    "answered",
  ],
  [
    "a message that is cut off",
    "messages",
    '{"content":[{"type":"text","text":"H"}],"stop_reason":"max_tokens"}',
    "cut-off",
  ],
  [
    "a response",
    "responses",
    '{"output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}',
    "answered",
  ],
  [
    "a response that refuses",
    "responses",
    '{"output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]}',
    "refused",
  ],
  [
    "a response that calls",
    "responses",
    '{"output":[{"type":"function_call","arguments":"{}"}]}',
    "answered",
  ],
  [
    "a response that is cut off",
    "responses",
    '{"output":[],"incomplete_details":{"reason":"max_output_tokens"}}',
    "cut-off",
  ],
  ["embeddings", "embeddings", '{"data":[{"embedding":[0.1]}]}', null],
  [
    "a stream",
    CHAT,
    [
      '{"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}',
      '{"choices":[{"delta":{},"finish_reason":"stop"}]}',
      "[DONE]",
    ],
    "answered",
  ],
  [
    "a stream with nothing in it",
    CHAT,
    ['{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}', "[DONE]"],
    "empty",
  ],
  [
    "a stream that refuses",
    CHAT,
    [
      '{"choices":[{"delta":{"refusal":"I"}}]}',
      '{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}',
      "[DONE]",
    ],
    "refused",
  ],
  [
    "a stream that is cut off",
    CHAT,
    [
      '{"choices":[{"delta":{"content":"a"}}]}',
      '{"choices":[{"delta":{},"finish_reason":"length"}]}',
      "[DONE]",
    ],
    "cut-off",
  ],
  [
    "a streamed response",
    "responses",
    [
      '{"type":"response.output_text.delta","delta":"Hi"}',
      '{"type":"response.completed","response":{}}',
    ],
    "answered",
  ],
  [
    "a streamed refusal",
    "responses",
    [
      '{"type":"response.refusal.done","refusal":"No."}',
      '{"type":"response.completed","response":{}}',
    ],
    "refused",
  ],
  [
    "a streamed message",
    "messages",
    [
      '{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}',
      '{"type":"message_delta","delta":{"stop_reason":"refusal"}}',
      '{"type":"message_stop"}',
    ],
    "refused",
  ],
];

for (const [what, api, body, ending] of CASES) {
  test(`${what} is ${ending ?? "not read"}, however it is cut`, () => {
    const isStream = typeof body !== "string";
    const data = bytes(isStream ? body.map((event) => `data: ${event}\n\n`).join("") : body);
    fc.assert(
      fc.property(fc.array(fc.nat(data.length), { maxLength: 5 }), (cuts) => {
        const scan = scanOf(api, isStream, isStream ? STREAM : DOCUMENT);
        const places = [0, ...cuts, data.length].sort((a, b) => a - b);
        for (let i = 1; i < places.length; i++) scan.push(data.subarray(places[i - 1], places[i]));
        assert.equal(scan.outcome(), "ok");
        assert.equal(scan.ending(), ending);
      }),
      { numRuns: 40 },
    );
  });
}

test("an answer that cannot be read has no ending", () => {
  const packed = scanOf(CHAT, false, [...DOCUMENT, "content-encoding", "gzip"]);
  packed.push(bytes("x"));
  assert.equal(packed.ending(), null);
});
