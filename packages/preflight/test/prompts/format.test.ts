// The form of answers: a golden table of what is wrong with them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, malformation, readPrompts } from "@slipway/preflight";

const ANSWER: Answer = {
  kind: "answer",
  text: "",
  refusal: null,
  toolCalls: [],
  finishReason: "stop",
  usage: null,
  ttftMs: 1,
  totalMs: 2,
  gapMsMax: 0,
  pieces: 1,
};

const SCHEMA = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const TOOLS = {
  tools: [{ type: "function", function: { name: "read", parameters: SCHEMA } }],
};
const call = (name: string, args: string): Partial<Answer> => ({
  toolCalls: [{ name, arguments: args }],
  finishReason: "tool_calls",
});

type Row = readonly [string, object, Partial<Answer>, string | RegExp | null];

const TABLE: readonly Row[] = [
  ["JSON that fits", { expect: { json: SCHEMA } }, { text: ' {"n": 1}\n' }, null],
  ["JSON that does not", { expect: { json: SCHEMA } }, { text: '{"n": "1"}' }, /^\$\.n: /],
  ["text instead of JSON", { expect: { json: true } }, { text: "Sure: {}" }, "is not JSON"],
  [
    "fenced JSON",
    { expect: { json: true } },
    { text: "```json\n{}\n```" },
    "is JSON in a fence, not JSON",
  ],
  ["a call with arguments that fit", { request: TOOLS }, call("read", '{"n":1}'), null],
  [
    "a call with half its arguments",
    { request: TOOLS },
    call("read", '{"n":'),
    "arguments of read: is not JSON",
  ],
  ["a call with others", { request: TOOLS }, call("read", "{}"), /^arguments of read: \$\.n: /],
  [
    "a function that was not offered",
    { request: TOOLS },
    call("write", "{}"),
    "calls write, which it was not offered",
  ],
  ["no call at all", { request: TOOLS, expect: { "tool-call": true } }, {}, "calls no function"],
  [
    "another call than was wanted",
    { request: TOOLS, expect: { "tool-call": "list" } },
    call("read", '{"n":1}'),
    "does not call list",
  ],
  [
    "a missing boundary between files",
    { expect: { markers: ["=== a.ts", "=== b.ts"] } },
    { text: "=== a.ts\nx" },
    'lacks "=== b.ts"',
  ],
  [
    "text beyond a stop sequence",
    { request: { stop: ["END"] } },
    { text: "x END y" },
    'goes on after its stop sequence "END"',
  ],
  [
    "another end than was wanted",
    { expect: { finish: ["tool_calls"] } },
    { text: "x" },
    "ends for stop, not tool_calls",
  ],
  ["anything where nothing is asked for", {}, { text: "x" }, null],
];

for (const [what, written, answer, wrong] of TABLE) {
  test(`${what}: ${wrong === null ? "nothing is wrong" : String(wrong)}`, () => {
    const text = JSON.stringify({ user: "hi", ...written });
    const [prompt] = readPrompts([{ file: "p.jsonl", text }]);
    assert.ok(prompt !== undefined);
    const said = malformation(prompt, { ...ANSWER, ...answer });
    if (wrong instanceof RegExp) assert.match(said ?? "", wrong);
    else assert.equal(said, wrong);
  });
}
