// Prompts from files: what they become, and what is said of those that are wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPrompts } from "@slipway/preflight";

const jsonl = (...lines: readonly object[]): { file: string; text: string } => ({
  file: "prompts.jsonl",
  text: lines.map((line) => JSON.stringify(line)).join("\n"),
});

test("system prompt, examples and request become one conversation", () => {
  const text = `
- id: greet
  system: Be short.
  examples:
    - { user: hi, assistant: hello }
  user: bye
  request: { max_tokens: 5, stop: END }
  tags: { language: en }
`;
  const [prompt] = readPrompts([{ file: "prompts.yaml", text }]);
  assert.deepEqual(prompt?.body, {
    max_tokens: 5,
    stop: "END",
    messages: [
      { role: "system", content: "Be short." },
      { role: "user", content: "hi" },
      { role: "assistant", content: "hello" },
      { role: "user", content: "bye" },
    ],
  });
  assert.deepEqual(prompt?.stops, ["END"]);
  assert.equal(prompt?.outputTokensMax, 5);
  assert.deepEqual(prompt?.tags, { language: "en" });
});

test("what the request itself asks for is held against the answer too", () => {
  const schema = { type: "object", required: ["a"] };
  const tools = [{ type: "function", function: { name: "read", parameters: schema } }];
  const response_format = { type: "json_schema", json_schema: { name: "x", schema } };
  const [prompt] = readPrompts([jsonl({ user: "hi", request: { tools, response_format } })]);
  assert.deepEqual(prompt?.expect.json, schema);
  assert.deepEqual([...(prompt?.tools ?? [])], [["read", schema]]);
  assert.equal(prompt?.id, "prompts.jsonl#1");
});

const WRONG: readonly (readonly [string, object[], RegExp])[] = [
  [
    "no request",
    [{ user: "hi" }, { system: "x" }],
    /prompts\.jsonl:2:1: .*either user or messages/,
  ],
  ["an unknown key", [{ user: "hi", usr: "x" }], /prompts\.jsonl:1:\d+: .*no key "usr".*\n.*user/],
  [
    "two of an id",
    [
      { id: "a", user: "x" },
      { id: "a", user: "y" },
    ],
    /two prompts have the id a/,
  ],
  ["no prompts", [], /the files hold no prompts/],
  [
    "a schema that is none",
    [{ id: "a", user: "x", expect: { json: { type: "objekt" } } }],
    /a JSON Schema of the prompt a cannot be used/,
  ],
];

for (const [what, lines, said] of WRONG) {
  test(`a file with ${what} is refused, and it is said where`, () => {
    assert.throws(() => readPrompts([jsonl(...lines)]), said);
  });
}
