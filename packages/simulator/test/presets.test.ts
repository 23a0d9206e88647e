// The story of the demonstration, checked in virtual time: fine at 5%, past the knee at 25%.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "@slipway/core";
import {
  type PresetName,
  presets,
  runTrial,
  synthetic,
  type TrialReport,
} from "@slipway/simulator";

const SEEDS = [1, 2, 3];

/** The same population as in the demonstration: 120 requests/s in all, mildly bursty. */
function trial(name: PresetName, share: number, seed: number): TrialReport {
  return runTrial({
    version: presets[name],
    arrivals: synthetic({ ratePerSecond: 120, burstiness: 0.1 }, createRandom(seed)),
    share,
    seed,
    warmupMs: 10_000,
    durationMs: 20_000,
  });
}

test("at 5% of the users gpt-5.3 looks no worse than gpt-5.0 at the other 95%", () => {
  for (const seed of SEEDS) {
    const candidate = trial("gpt-5.3", 0.05, seed);
    const stable = trial("gpt-5.0", 0.95, seed);
    assert.equal(candidate.failed + stable.failed, 0);
    assert.ok(candidate.p50Ms < stable.p50Ms, JSON.stringify({ seed, candidate, stable }));
    assert.ok(candidate.p99Ms < 1.3 * stable.p99Ms, JSON.stringify({ seed, candidate, stable }));
  }
});

test("at 25% gpt-5.3 is past its knee: P99 at three times that of gpt-5.0 and more", () => {
  for (const seed of SEEDS) {
    const candidate = trial("gpt-5.3", 0.25, seed);
    const stable = trial("gpt-5.0", 0.75, seed);
    assert.ok(candidate.p99Ms > 3 * stable.p99Ms, JSON.stringify({ seed, candidate, stable }));
    assert.ok(candidate.cachedShare < trial("gpt-5.3", 0.05, seed).cachedShare);
  }
});

test("at 50% and 100% gpt-5.3 turns requests away", () => {
  for (const share of [0.5, 1]) {
    const { failed, requests } = trial("gpt-5.3", share, 1);
    assert.ok(failed > 0.1 * requests, `${failed} of ${requests} failed at ${share}`);
  }
});

test("with enough replicas gpt-5.3 holds its own beside gpt-5.0 at every share", () => {
  for (const share of [0.05, 0.25, 0.5, 1]) {
    const candidate = trial("gpt-5.3-scaled", share, 1);
    const stable = trial("gpt-5.0", share < 1 ? 1 - share : 1, 1);
    assert.equal(candidate.failed, 0);
    assert.ok(candidate.p50Ms < 1.1 * stable.p50Ms, JSON.stringify({ share, candidate, stable }));
    assert.ok(candidate.p99Ms < 1.2 * stable.p99Ms, JSON.stringify({ share, candidate, stable }));
  }
});

test("gpt-5.0 serves everybody well below a second", () => {
  const { failed, p50Ms, p99Ms } = trial("gpt-5.0", 1, 2);
  assert.equal(failed, 0);
  assert.ok(p50Ms < 150 && p99Ms < 700, `P50 ${p50Ms} ms, P99 ${p99Ms} ms`);
});

test("a trial is the same every time it is run with the same seed", () => {
  assert.deepEqual(trial("gpt-5.3", 0.05, 9), trial("gpt-5.3", 0.05, 9));
  assert.notDeepEqual(trial("gpt-5.3", 0.05, 9), trial("gpt-5.3", 0.05, 10));
});
