// What a benchmark over scenarios is asked is read in one place, and what it cannot do is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./scenario-options.ts";

const ASKING = { seedsMin: 2, hasPage: true };

test("without a word a benchmark takes every scenario, and as many seeds as it has of its own", () => {
  assert.deepEqual(readOptions(ASKING, []), {
    ...{ quick: false, json: false, only: "", seeds: null, page: null },
  });
  const args = ["--only", "slow", "--seeds", "7", "--page", "docs/x.md"];
  assert.deepEqual(readOptions(ASKING, args), {
    ...{ quick: false, json: false, only: "slow", seeds: 7, page: "docs/x.md" },
  });
});

test("what it cannot do is said before anything is measured", () => {
  const said = (args: readonly string[], asking = ASKING): string =>
    String(readOptions(asking, args));
  for (const seeds of ["1", "2.5", "many", ""]) {
    assert.match(said(["--seeds", seeds]), /^--seeds is a whole number from 2 on/);
  }
  assert.match(said(["--page", "x", "--quick"]), /leave --quick out/);
  assert.match(said(["--page", "x"], { ...ASKING, hasPage: false }), /leave --page out/);
  assert.match(said(["--sedes", "3"]), /--sedes/);
});
