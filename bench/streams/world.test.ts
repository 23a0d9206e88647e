// Slow streams are found about as early as if it were known how long each will take: who waits for the horizon needs no
// more evidence, and pays the wait once, however long evidence takes to come together.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Alarm, type Judge, streamAlarm, streamPolicy } from "./world.ts";

const HORIZON_MS = 120_000;
const TICK_MS = 10_000;
const SEEDS = 20;

/** Medians over the seeds. */
function alarmOf(judge: Judge, guards: readonly string[], perMinute: number): Alarm {
  const world = { policy: streamPolicy(HORIZON_MS, guards), perMinute, slowPart: 0.2 };
  const found = Array.from({ length: SEEDS }, (_, index) => {
    const alarm = streamAlarm(world, judge, index + 1);
    assert.ok(alarm !== null, `seed ${index + 1}: no alarm`);
    return alarm;
  });
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(SEEDS / 2)] ?? Number.NaN;
  return {
    ticks: median(found.map(({ ticks }) => ticks)),
    atMs: median(found.map(({ atMs }) => atMs)),
  };
}

test("slow streams are found within a fifth of the time that an oracle takes, by latency and errors together", () => {
  const guards = ["p99-latency", "errors"];
  const [real, oracle] = [alarmOf("as-overdue", guards, 120), alarmOf("oracle", guards, 120)];
  assert.ok(real.atMs <= 1.2 * oracle.atMs, `${real.atMs} ms against ${oracle.atMs} ms`);
});

test("latency alone needs an oracle's evidence, and a horizon's wait on top", () => {
  const guards = ["p99-latency"];
  for (const perMinute of [60, 300]) {
    const real = alarmOf("as-overdue", guards, perMinute);
    const oracle = alarmOf("oracle", guards, perMinute);
    assert.ok(real.ticks <= 1.2 * oracle.ticks, `${real.ticks} ticks against ${oracle.ticks}`);
    assert.ok(real.atMs <= oracle.atMs + HORIZON_MS + TICK_MS, `${real.atMs} ms`);
    // Where evidence takes its time, the wait is no part of it worth the name.
    if (perMinute === 60) assert.ok(real.atMs <= 1.2 * oracle.atMs, `${real.atMs} ms`);
  }
});

test("who leaves out what is open never finds slow streams", () => {
  const policy = streamPolicy(HORIZON_MS, ["p99-latency", "errors"]);
  const world = { policy, perMinute: 300, slowPart: 0.2 };
  assert.equal(streamAlarm(world, "left-out", 1), null);
  assert.notEqual(streamAlarm(world, "as-overdue", 1), null);
});
