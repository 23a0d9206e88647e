// Names that a model makes up are found by TypeScript's own compiler, with what there is instead; what cannot be looked
// up is not called made up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Score, scoreNames } from "@slipway/scorers";
import { typescriptNames } from "@slipway/scorers/edge";

const check = await typescriptNames();

function scored(text: string, packages: readonly string[] | null = null): Score {
  const expected = { language: "typescript", before: "", after: "", packages } as const;
  return scoreNames({ text, refusal: null, finishReason: "stop" }, expected, check);
}

function passed(score: Score): boolean | null {
  return score.kind === "scored" ? score.passed : null;
}

test("code that uses what there is passes, of Node's own too", () => {
  const code =
    "import { readFileSync } from 'node:fs';\nimport * as assert from 'assert';\n" +
    "const text: string = readFileSync(process.argv[2] ?? '', 'utf8');\nassert.ok(text.at(-1));";
  assert.equal(passed(scored(code)), true, scored(code).because);
});

test("a name that there is not is found, with the one that was meant", () => {
  const score = scored("const counter = 1;\nexport const twice = 2 * countre;");
  assert.equal(passed(score), false);
  assert.equal(score.because, 'there is no "countre"; there is "counter"');
  assert.equal(score.measured?.["unknownNames"], 1);
});

test("a member that a known type has not is found", () => {
  const score = scored("export const flat = [[1], [2]].flatten();");
  assert.match(score.because, /^there is no member "flatten"/);
  assert.equal(passed(score), false);
  assert.equal(passed(scored("export const flat = [[1], [2]].flat();")), true);
});

test("a package is unknown only where it is said which there are", () => {
  const code =
    "import { pad } from 'left-pad-quantum';\nimport z from 'zod';\nimport './near';\npad(z);";
  assert.equal(passed(scored(code)), true);
  const score = scored(code, ["zod"]);
  assert.equal(score.because, 'no package "left-pad-quantum"');
  assert.equal(passed(scored(code, ["zod", "left-pad-quantum"])), true);
});

test("types that do not fit are no made-up names, and code that does not parse tells none", () => {
  assert.equal(passed(scored("const n: number = 'text';")), true);
  assert.match(scored("const = ;").because, /does not parse/);
  const expected = { language: "typescript", before: "", after: "", packages: null } as const;
  const cut = { text: "const a = [", refusal: null, finishReason: "length" };
  const score = scoreNames(cut, expected, check);
  assert.equal(score.kind === "unscored" && score.cause, "cut-off");
});
