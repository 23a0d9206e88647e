// Recorded traffic in the formats that are public, and what is said of a file that is neither.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTrace, SlipwayError } from "@slipway/wire";

const AZURE = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:17:03.9799600,4808,10
2023-11-16 18:17:04.0319600,3180,8
`;
const MOONCAKE = `{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}
{"timestamp": 27000, "input_length": 10, "output_length": 0}
`;

test("both formats are read, by what the file begins with", () => {
  assert.deepEqual(
    parseTrace(AZURE, "a.csv").map((one) => ({ ...one, atMs: Math.round(one.atMs) })),
    [
      { atMs: 0, promptTokens: 4_808, outputTokens: 10, blocks: [] },
      { atMs: 52, promptTokens: 3_180, outputTokens: 8, blocks: [] },
    ],
  );
  assert.deepEqual(parseTrace(MOONCAKE, "m.jsonl"), [
    { atMs: 0, promptTokens: 10, outputTokens: 1, blocks: [] },
    { atMs: 482, promptTokens: 6_955, outputTokens: 52, blocks: [46, 47] },
  ]);
});

test("what is wrong is named with its file and line", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${MOONCAKE}{"timestamp": "soon"}`, /^t:3: timestamp: /],
    [`${MOONCAKE}{"timestamp"`, /^t:3: this is not JSON$/],
    [`${MOONCAKE}{"timestamp":1,"input_length":-5,"output_length":1}`, /^t:3: input_length: /],
    ["", /^t:1:1: the first line is not "TIMESTAMP,ContextTokens,GeneratedTokens"$/],
    [`${AZURE}yesterday,1,2`, /^t:4:1: "yesterday" is not a timestamp$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseTrace(text, "t"),
      (error) => error instanceof SlipwayError && message.test(error.message),
    );
  }
});
