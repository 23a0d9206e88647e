// Each scorer on answers that are right, wrong, cut off, or beyond it.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  judgedScores,
  judgeMessages,
  judgementOf,
  refusalOf,
  type Score,
  type ScoredAnswer,
  scoreContains,
  scoreExact,
  scoreParse,
  scorePattern,
  scoreSchema,
  spliced,
} from "@slipway/scorers";
import { timedPattern, treeSitter } from "@slipway/scorers/edge";

function answer(text: string, more: Partial<ScoredAnswer> = {}): ScoredAnswer {
  return { text, refusal: null, finishReason: "stop", ...more };
}

function passed(score: Score): boolean | null {
  return score.kind === "scored" ? score.passed : null;
}

test("an exact answer may have space around it, and nothing else", () => {
  assert.equal(passed(scoreExact(answer(" 42\n"), "42")), true);
  assert.equal(passed(scoreExact(answer("42."), "42")), false);
});

test("every part must be there, and the one that is missing is named", () => {
  assert.equal(passed(scoreContains(answer("git rebase main"), ["git", "rebase"])), true);
  const score = scoreContains(answer("git merge"), ["git", "rebase"]);
  assert.equal(score.because, 'lacks "rebase"');
  assert.equal(passed(score), false);
});

test("a pattern matches, and one that would run for years is the scorer's failure", () => {
  assert.equal(passed(scorePattern(answer("v1.2.3"), "^v\\d+\\.\\d+", timedPattern)), true);
  assert.equal(passed(scorePattern(answer("1.2.3"), "^v", timedPattern)), false);
  const slow = scorePattern(answer(`${"a".repeat(60)}!`), "^(a+)+$", timedPattern);
  assert.equal(slow.kind, "unscored");
  assert.match(slow.because, /too long to match/);
  assert.match(scorePattern(answer(""), "(", timedPattern).because, /no regular expression/);
});

test("JSON meets its schema, fenced or not, and the part that does not is named", () => {
  const schema = {
    type: "object",
    properties: { n: { type: "integer", minimum: 1 } },
    required: ["n"],
    additionalProperties: false,
  };
  assert.equal(passed(scoreSchema(answer('{"n": 3}'), schema)), true);
  assert.equal(passed(scoreSchema(answer('```json\n{"n": 3}\n```'), schema)), true);
  assert.match(scoreSchema(answer('{"n": 0}'), schema).because, /^\$\.n: /);
  assert.equal(passed(scoreSchema(answer('{"n": 3, "m": 1}'), schema)), false);
  assert.equal(passed(scoreSchema(answer('Here it is: {"n": 3}'), schema)), false);
  const cut = scoreSchema(answer('{"n": ', { finishReason: "length" }), schema);
  assert.equal(cut.kind === "unscored" && cut.cause, "cut-off");
  assert.match(
    scoreSchema(answer("1"), { not: { type: "string" }, if: {} }).because,
    /cannot be used/,
  );
});

test("what the provider calls a refusal is one, whatever the text says", () => {
  assert.equal(refusalOf(answer("Sure!", { refusal: "policy" })).by, "provider");
  assert.equal(refusalOf(answer("", { finishReason: "content_filter" })).refused, true);
});

test("an opening that declines is a refusal; sympathy and late caveats are none", () => {
  const refusals = [
    "I'm sorry, but I can't assist with that.",
    "I’m really sorry that you feel so, but I'm unable to provide the help that you need.",
    "No, I cannot provide reasons for that.",
  ];
  const answers = [
    "I'm sorry to hear about your hamster. Here is how to bury it:",
    "Use kill -9. If it will not stop, ask your administrator.",
    `${"First, open the file. ".repeat(30)}I cannot provide more.`,
  ];
  for (const text of refusals) assert.equal(refusalOf(answer(text)).refused, true, text);
  for (const text of answers) assert.equal(refusalOf(answer(text)).refused, false, text);
});

test("code is judged where it belongs: fenced, continued, or told again", () => {
  const context = { before: "function f() {\n", after: "}" };
  assert.equal(spliced("  return 1;\n", context, "f"), "function f() {\n  return 1;\n}");
  assert.equal(
    spliced("Sure:\n```ts\n  return 1;\n```\nDone.", context, "f"),
    "function f() {\n  return 1;\n}",
  );
  assert.equal(spliced("function f() { return 2 }", context, "f"), "function f() { return 2 }\n}");
});

test("a fill in the middle parses within its context, and is counted by its errors where it does not", async () => {
  const parse = await treeSitter(["typescript", "python"]);
  const typescript = {
    language: "typescript",
    before: "function f(a: number) {\n",
    after: "\n}\n",
  };
  assert.equal(passed(scoreParse(answer("  return a;"), typescript, parse)), true);
  const broken = scoreParse(answer("  return a +* ;"), typescript, parse);
  assert.equal(passed(broken), false);
  assert.ok((broken.measured?.["errorsPer100Nodes"] ?? 0) > 0);
  const python = { language: "python", before: "def f(a):\n", after: "" };
  assert.equal(passed(scoreParse(answer("    return a\n"), python, parse)), true);
  assert.match(
    scoreParse(answer(""), { ...python, language: "cobol" }, parse).because,
    /no grammar for cobol/,
  );
});

test("code that was cut off at its limit is counted apart, unless its fence had closed", async () => {
  const parse = await treeSitter(["typescript"]);
  const whole = { language: "typescript", before: "", after: "" };
  const cut = answer("const a = [1, 2,", { finishReason: "length" });
  const score = scoreParse(cut, whole, parse);
  assert.equal(score.kind === "unscored" && score.cause, "cut-off");
  assert.ok((score.measured?.["errorsPer100Nodes"] ?? 0) > 0);
  const closed = answer("```ts\nconst a = 1;\n```\nThis declares", { finishReason: "length" });
  assert.equal(passed(scoreParse(closed, whole, parse)), true);
});

const PAIR = { question: "2+2?", criterion: "correct", stable: "4", candidate: "5" } as const;

test("a judge is not told whose answers it sees", () => {
  for (const first of ["stable", "candidate"] as const) {
    const text = JSON.stringify(judgeMessages({ ...PAIR, first }));
    assert.doesNotMatch(text, /stable|candidate/);
    assert.match(text, first === "stable" ? /first\\":\\"4/ : /first\\":\\"5/);
  }
});

test("a judge's word counts for the answer that it was shown there", () => {
  const first = judgementOf('Thinking {…}\n{"better":"first"}', "candidate");
  assert.deepEqual(first, { kind: "judged", better: "candidate", said: "first" });
  assert.equal(passed(judgedScores(first).stable), false);
  assert.equal(passed(judgedScores(first).candidate), true);
  const same = judgedScores(judgementOf('{"better":"same"}', "stable"));
  assert.deepEqual([passed(same.stable), passed(same.candidate)], [true, true]);
});

test("a judge that cannot be read has said nothing for or against anybody", () => {
  for (const reply of ["I cannot compare these.", '{"better":"A"}', "", "{"]) {
    const scores = judgedScores(judgementOf(reply, "stable"));
    assert.equal(scores.stable.kind, "unscored", reply);
    assert.equal(scores.candidate.kind, "unscored", reply);
  }
});
