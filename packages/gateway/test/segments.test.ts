// What requests are told apart by: said by a header or a field, or found out from marks that editors and people leave.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Dimension, SEGMENTS_MAX } from "@slipway/core";
import fc from "fast-check";
import { scanBody } from "../src/body/body-scan.ts";
import { languageOf } from "../src/segment/language.ts";
import { type SegmentFacts, segmentsOf } from "../src/segment/segments-of.ts";
import { bytes, routeOf, splitOf, tableOf } from "./fixtures.ts";
import { FakeExchange, World } from "./virtual-world.ts";

function languageIn(body: object): string | null {
  const scan = scanBody(bytes(JSON.stringify(body)));
  assert.ok(scan);
  return languageOf(scan);
}

function asked(...contents: readonly unknown[]): object {
  return { messages: contents.map((content) => ({ role: "user", content })) };
}

const CASES: readonly (readonly [what: string, body: object, language: string | null])[] = [
  ["a fence", asked("fix this:\n```ts\nlet a = 1\n```"), "typescript"],
  ["the last of two fences", asked("```py\nx\n```", "now ```rust\nfn f() {}\n```\nplease"), "rust"],
  ["a fence before a nameless one", asked("```go\nx\n```\n```\noutput\n```"), "go"],
  ["a fence that holds no code", asked("```text\nhello\n``` in main.kt"), "kotlin"],
  ["a fence in parts", asked([{ type: "text", text: "```C++\nint x;\n```" }]), "cpp"],
  ["a file name", asked("why does src/app/main.rs not build?"), "rust"],
  ["a member or a call, which is no file", asked("self.c = parser.go(x); a.r"), null],
  ["prose", asked("What is the capital of France? E.g. by population."), null],
  ["nothing", asked(""), null],
  ["a path comment", { prompt: "# src/jobs.py\nimport os\nos.sh" }, "python"],
  ["a one-letter path comment", { prompt: "// kernel/fork.c\nint main" }, "c"],
  ["code with no path", { prompt: "int main(void) {" }, null],
  ["instructions of the Responses API", { input: "translate to ```swift\nlet a\n```" }, "swift"],
  ["a fence more than 4 KiB from the end", asked(`\`\`\`ts\nx${" ".repeat(5_000)}`), null],
];

for (const [what, body, language] of CASES) {
  test(`the language of ${what} is ${language ?? "not told"}`, () => {
    assert.equal(languageIn(body), language);
  });
}

test("no text is too strange to look for a language in", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.stringMatching(/^[`.a-z]{0,99}$/),
      (a, b) => {
        languageIn(asked(a + b));
        languageIn({ prompt: b + a });
      },
    ),
  );
});

function dimension(name: string, fields: Partial<Dimension> = {}): Dimension {
  return { name, header: null, field: null, detect: null, ...fields };
}

function facts(fields: Partial<SegmentFacts>, body: object = {}): SegmentFacts {
  const scan = scanBody(bytes(JSON.stringify(body)));
  return { api: "chat.completions", path: "/chat/completions", headers: [], scan, ...fields };
}

function valueIn(one: Dimension, of: SegmentFacts): string {
  return segmentsOf([one], of).segment;
}

test("a header comes before a field, a field before what is found out, and nothing at all is none", () => {
  const language = dimension("language", {
    header: "x-language",
    field: ["metadata", "language"],
    detect: "language",
  });
  const body = { metadata: { language: "Zig" }, ...asked("```ts\n```") };
  assert.equal(valueIn(language, facts({ headers: ["X-Language", " Rust "] }, body)), "rust");
  assert.equal(valueIn(language, facts({}, body)), "zig");
  assert.equal(valueIn(language, facts({}, asked("```ts\n```"))), "typescript");
  assert.equal(valueIn(language, facts({}, asked("hello"))), "none");
  assert.equal(valueIn(dimension("team", { field: ["team"] }), facts({}, { team: 7 })), "none");
});

test("surface, client version and input length are found out", () => {
  const surface = dimension("surface", { detect: "surface" });
  assert.equal(valueIn(surface, facts({})), "chat");
  assert.equal(valueIn(surface, facts({ api: "completions" })), "completion");
  assert.equal(valueIn(surface, facts({ api: "other", path: "/fim/completions" })), "completion");
  const client = dimension("client", { detect: "client" });
  const agent = (text: string): string => valueIn(client, facts({ headers: ["User-Agent", text] }));
  assert.equal(agent("GithubCopilot/1.155.3 (linux)"), "githubcopilot 1.155");
  assert.equal(agent("OpenAI/JS 4.52.0"), "openai/js 4.52");
  assert.equal(agent("claude-cli/v2 (external)"), "claude-cli 2");
  assert.equal(agent("curl"), "none");
  const length = dimension("input-length", { detect: "input-length" });
  assert.equal(valueIn(length, facts({}, asked("hello"))), "up to 256");
  assert.equal(valueIn(length, facts({}, asked("x".repeat(20_000)))), "up to 16k");
});

test("the first dimension is the segment, and the others are counted beside it, failures too", () => {
  const segments = [
    dimension("language", { header: "x-language" }),
    dimension("surface", { detect: "surface" }),
    dimension("region", { header: "x-region" }),
  ];
  const evidence = { tickMs: 600_000, horizonMs: 3_000, segments };
  const world = World.leased(tableOf(1, routeOf({ split: splitOf(0), evidence })));
  const ask = (region: string, status: number): void => {
    const headers = ["x-user", "ann", "x-language", "go", "x-region", region];
    world.ask(new FakeExchange({ model: "gpt-5", messages: [] }, headers));
    world.lastCall.answer(status);
  };
  ask("eu", 200);
  ask("eu", 500);
  ask("us", 200);
  world.pass(2_000);
  const [row, ...others] = world.rows;
  assert.deepEqual([row?.segment, others], ["go", []]);
  assert.deepEqual(row?.slices, {
    surface: { chat: { arrivals: 3, bad: 1 } },
    region: { eu: { arrivals: 2, bad: 1 }, us: { arrivals: 1, bad: 0 } },
  });
});

test("each rollout has room for segments of its own", () => {
  const evidence = {
    tickMs: 600_000,
    horizonMs: 3_000,
    segments: [dimension("l", { header: "x-l" })],
  };
  const at = (number: number, rolloutId: string): ReturnType<typeof tableOf> =>
    tableOf(number, routeOf({ split: { ...splitOf(0), rolloutId }, evidence }));
  const world = World.leased(at(1, "r1"));
  const ask = (language: string): void => {
    world.ask(
      new FakeExchange({ model: "gpt-5", messages: [] }, ["x-user", "ann", "x-l", language]),
    );
    world.lastCall.answer();
  };
  for (let i = 0; i <= SEGMENTS_MAX; i++) ask(`l${i}`);
  world.link.publish(at(2, "r2"));
  world.acknowledge();
  ask("new");
  world.pass(2_000);
  const names = world.rows.map(({ rolloutId, segment }) => `${rolloutId} ${segment}`);
  assert.ok(names.includes("r1 other"));
  assert.ok(!names.includes(`r1 l${SEGMENTS_MAX}`));
  assert.ok(names.includes("r2 new"));
});
