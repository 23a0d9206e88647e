// What the soak gate makes of series: growth that goes on is told from growth that stops, and from garbage.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, judgeSoak, normal, type SoakSample, type SoakSeries } from "@slipway/core";

const HOUR_MS = 3_600_000;
const QUESTION = { uptimeMs: 7 * 24 * HOUR_MS, falseAlarmMax: 0.01, lengthMs: HOUR_MS };

/** A look each 7.5 s: garbage that is collected, a start that settles, and what leaks. */
function memory(leakPerHour: number, seed = 1): SoakSeries {
  const random = createRandom(seed);
  const samples = Array.from({ length: 480 }, (_, i): SoakSample => {
    const atMs = i * 7_500;
    const settling = 300 * (1 - Math.exp(-atMs / 150_000));
    const garbage = (i % 11) * 20;
    const value = 2_000 + settling + garbage + 2 * normal(random) + (leakPerHour * atMs) / HOUR_MS;
    return { atMs, value };
  });
  return { name: "memory", unit: "MiB", by: "lowest", samples, limit: 4_000 };
}

test("a leak is caught by its slope, with when it reaches the limit", () => {
  const { outcome, because, figures } = judgeSoak([memory(120)], QUESTION);
  assert.equal(outcome, "fail", because);
  assert.match(
    because,
    /^memory grows by 1\d\d MiB an hour: from .* to its limit of 4000 MiB in \d/,
  );
  const growth = figures.find(({ name }) => name === "growth of memory");
  assert.ok(Math.abs((growth?.value ?? 0) - 120) < 25 && growth?.holds === false);
});

test("a start that settles and garbage that is collected are no leak", () => {
  const outcomes = Array.from({ length: 60 }, (_, seed) => judgeSoak([memory(0, seed)], QUESTION));
  assert.ok(outcomes.filter(({ outcome }) => outcome === "fail").length <= 2);
});

test("a pass says the smallest growth that would have shown", () => {
  const { outcome, because, figures } = judgeSoak([memory(0, 4)], QUESTION);
  assert.equal(outcome, "pass");
  assert.match(because, /^no growth in 1 h of load: memory \(.* MiB an hour would have shown\)$/);
  const seen = figures.find(({ name }) => name.startsWith("smallest growth"));
  assert.ok((seen?.value ?? 0) > 0 && (seen?.value ?? 0) < 120);
});

test("growth so slow that the server is renewed before passes", () => {
  const question = { ...QUESTION, uptimeMs: 2 * HOUR_MS };
  assert.equal(judgeSoak([memory(120)], question).outcome, "pass");
});

test("memory that is over its limit fails without any growth", () => {
  const { outcome, because } = judgeSoak([{ ...memory(0, 4), limit: 2_000 }], QUESTION);
  assert.equal(outcome, "fail");
  assert.match(because, /^memory is 2\d+ MiB under this load, and its limit is 2000 MiB$/);
});

test("memory that could run out by growth too slow to show is no pass", () => {
  const { outcome, because } = judgeSoak([{ ...memory(0, 4), limit: 2_400 }], QUESTION);
  assert.equal(outcome, "inconclusive");
  assert.match(
    because,
    /^no growth in 1 h of load, but .* MiB an hour of memory need not have shown, and reach its limit of 2400 MiB in .*, while 168 h are asked for: hold the load longer/,
  );
});

test("without samples, or with a few, it cannot tell", () => {
  assert.equal(judgeSoak([], QUESTION).outcome, "inconclusive");
  const few = { ...memory(0), samples: memory(0).samples.filter((_, i) => i % 60 === 0) };
  assert.equal(judgeSoak([few], QUESTION).outcome, "inconclusive");
});
