// What is remembered of requests must not hold the heads and bodies that it was cut out of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FeedbackDesk } from "../src/feedback/feedback-desk.ts";
import { ObjectMemory } from "../src/objects/object-memory.ts";
import { ownText } from "../src/own-text.ts";
import { ManualClock } from "./fixtures.ts";

const REQUESTS = 2_000;
const HEAD_BYTES = 16 * 2 ** 10;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heldMiB(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** A head as it comes, and a word of it as the parser cuts it out. */
function wordOf(head: number): string {
  const bytes = Buffer.alloc(HEAD_BYTES, `${head} `);
  bytes.write(`session-of-some-user-${head}`.padEnd(40, "x"), 100, "latin1");
  return bytes.toString("latin1").substring(100, 140);
}

function heldBy(remember: (word: string) => void): number {
  const before = heldMiB();
  for (let i = 0; i < REQUESTS; i++) remember(wordOf(i));
  return heldMiB() - before;
}

test("a text of its own is the same text", () => {
  for (const text of ["", "a", "key", "x".repeat(100), "ключ"]) assert.equal(ownText(text), text);
});

test("a word cut out of a head holds all of it, and what is remembered does not", () => {
  const words: string[] = [];
  assert.ok(heldBy((word) => words.push(word)) > 24, "the heads are held");
  words.length = 0;

  const objects = new ObjectMemory(new ManualClock(), null);
  const home = { model: "m", version: "v", upstream: "u" };
  const byObjects = heldBy((word) => objects.learn(word, { ...home, key: word }));
  assert.equal(objects.size, REQUESTS);
  const byCalls = heldBy((word) => objects.home(word));
  const desk = new FeedbackDesk();
  const byFeedback = heldBy((word) => {
    desk.admit(word, 0);
    desk.fresh(word, { accepted: true, rating: null, reason: null, health: null, scores: {} });
  });
  assert.ok(
    byObjects < 4 && byCalls < 4 && byFeedback < 4,
    `${byObjects} ${byCalls} ${byFeedback}`,
  );
  assert.ok(objects.home(wordOf(0)) !== null && desk.admit("one more", 0) === 0);
});
