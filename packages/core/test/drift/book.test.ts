// What a model's drift book forgets, where it has more watches than it keeps.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DriftBook,
  type DriftWatch,
  EMPTY_DRIFT_BOOK,
  watchOf,
  withBaselineTaken,
} from "@slipway/core";

const WATCHES_MAX = 20;
const ALARM = { atMs: 1, because: "it answers otherwise" };

function watchNamed(fingerprint: string, alarm: DriftWatch["alarm"] = null): DriftWatch {
  const baseline = { atMs: 0, by: "ann", reason: "", rounds: [] };
  const stakes = { text: [], length: [], ending: [] };
  const rest = { version: "v", looks: 0, logE: 0, last: null, stakes, baseline };
  return { ...rest, fingerprint, alarm } as unknown as DriftWatch;
}

function filled(from: DriftBook, names: readonly string[]): DriftBook {
  return names.reduce((book, name) => withBaselineTaken(book, watchNamed(name)), from);
}

test("the oldest watch is forgotten first, but not one whose alarm nobody has answered", () => {
  const alarmed: DriftBook = { ...EMPTY_DRIFT_BOOK, watches: [watchNamed("alarmed", ALARM)] };
  const names = Array.from({ length: WATCHES_MAX + 4 }, (_, index) => `w${index}`);
  const book = filled(alarmed, names);
  assert.equal(book.watches.length, WATCHES_MAX);
  assert.deepEqual(watchOf(book, "alarmed")?.alarm, ALARM);
  assert.equal(watchOf(book, "w0"), null);
  assert.notEqual(watchOf(book, names.at(-1) ?? ""), null);
});

test("where every watch has an alarm the oldest is forgotten, and never the newest", () => {
  const watches = Array.from({ length: WATCHES_MAX }, (_, i) => watchNamed(`a${i}`, ALARM));
  const book = withBaselineTaken({ ...EMPTY_DRIFT_BOOK, watches }, watchNamed("new"));
  assert.equal(book.watches.length, WATCHES_MAX);
  assert.equal(watchOf(book, "a0"), null);
  assert.notEqual(watchOf(book, "new"), null);
});
