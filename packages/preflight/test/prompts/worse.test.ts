// The tests between two versions keep their promise: one version against itself fails no more often than was said,
// and one that is plainly worse is found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, type Random } from "@slipway/core";
import {
  type AskedPrompt,
  breaks,
  promptsNeeded,
  readPrompts,
  type Side,
  testsOf,
} from "@slipway/preflight";

const FALSE_ALARM_MAX = 0.01;
const SEEDS = 200;

const PROMPTS = readPrompts([
  {
    file: "p.jsonl",
    text: Array.from({ length: 80 }, (_, index) =>
      JSON.stringify({ user: "hi", tags: { language: ["ts", "py", "go", "c"][index % 4] } }),
    ).join("\n"),
  },
]);

/** A side that is refused, malformed, or fine, by chance. */
function side(random: Random, refused: number, malformed: number): Side {
  const drawn = random.next();
  const kind = drawn < refused ? "refused" : drawn < refused + malformed ? "malformed" : "fine";
  const outcome = { kind: "failure", because: "aborted", totalMs: 0 } as const;
  return { outcome, ending: { kind, because: "" } };
}

function alarms(refused: number): number {
  let found = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = createRandom(seed);
    const asked = PROMPTS.map(
      (prompt): AskedPrompt => ({
        prompt,
        stable: side(random, 0.1, 0.1),
        candidate: side(random, refused, 0.1),
      }),
    );
    if (testsOf(asked).some((one) => breaks(one, FALSE_ALARM_MAX))) found++;
  }
  return found;
}

test("a version against itself fails in at most one of a hundred, over 200 seeds", () => {
  const found = alarms(0.1);
  assert.ok(found <= SEEDS * FALSE_ALARM_MAX, `${found} of ${SEEDS}`);
});

test("a version that refuses half of what the other answers is found nearly always", () => {
  const found = alarms(0.5);
  assert.ok(found >= SEEDS * 0.95, `${found} of ${SEEDS}`);
});

test("a tag that all prompts share is not tested twice", () => {
  const random = createRandom(1);
  const asked = PROMPTS.slice(0, 8).map((prompt): AskedPrompt => {
    const both = side(random, 0, 0);
    return { prompt: { ...prompt, tags: { team: "editor" } }, stable: both, candidate: both };
  });
  assert.ok(testsOf(asked).every(({ of }) => of === null));
});

test("so many prompts as are said to be needed can tell, and one less cannot", () => {
  const needed = promptsNeeded(7, FALSE_ALARM_MAX);
  const tested = (n: number): boolean => {
    const random = createRandom(1);
    const [first] = PROMPTS;
    assert.ok(first !== undefined);
    const asked = Array.from({ length: n }, (): AskedPrompt => {
      const prompt = { ...first, tags: {} };
      return { prompt, stable: side(random, 0, 0), candidate: side(random, 1, 0) };
    });
    return testsOf(asked).some((one) => breaks(one, FALSE_ALARM_MAX));
  };
  assert.equal(tested(needed), true);
  assert.equal(tested(needed - 1), false);
});
