// The virtual clock: order, cancelling, and promises that settle before time goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/simulator";
import fc from "fast-check";

test("timers fire in order of time, and in order of asking at the same time", () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  for (const [name, delayMs] of [
    ["c", 20],
    ["a", 10],
    ["d", 20],
    ["b", 10],
  ] as const) {
    clock.after(delayMs, () => fired.push(`${name}@${clock.mono()}`));
  }
  clock.run();
  assert.deepEqual(fired, ["a@10", "b@10", "c@20", "d@20"]);
});

test("a run stops at its time, fires what is due then, and wall time moves along", () => {
  const clock = new VirtualClock({ epochMs: 1000 });
  let fired = 0;
  clock.after(50, () => fired++);
  clock.after(50.001, () => fired++);
  clock.run(50);
  assert.deepEqual([fired, clock.mono(), clock.wall(), clock.pending], [1, 50, 1050, 1]);
  clock.run(60);
  assert.deepEqual([fired, clock.mono(), clock.nextMs], [2, 60, undefined]);
});

test("a cancelled timer is gone at once, and cancelling again does nothing", () => {
  const clock = new VirtualClock();
  const cancel = clock.after(10, () => assert.fail("cancelled"));
  cancel();
  cancel();
  assert.equal(clock.pending, 0);
  let fired = 0;
  const late = clock.after(5, () => fired++);
  clock.run();
  late();
  assert.equal(fired, 1);
});

test("a negative delay fires now, one that is no number is an error", () => {
  const clock = new VirtualClock();
  clock.after(-5, () => {});
  assert.equal(clock.step(), true);
  assert.equal(clock.mono(), 0);
  assert.throws(() => clock.after(Number.NaN, () => {}), RangeError);
});

test("whatever is set and cancelled, what is left fires in order", () => {
  const timers = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.boolean()));
  fc.assert(
    fc.property(timers, (all) => {
      const clock = new VirtualClock();
      const fired: { index: number; atMs: number }[] = [];
      const cancels = all.map(([delayMs], index) =>
        clock.after(delayMs, () => fired.push({ index, atMs: clock.mono() })),
      );
      for (const [index, [, keep]] of all.entries()) if (!keep) cancels[index]?.();
      clock.run();
      const expected = all
        .flatMap(([atMs, keep], index) => (keep ? [{ index, atMs }] : []))
        .sort((a, b) => a.atMs - b.atMs || a.index - b.index);
      assert.deepEqual(fired, expected);
    }),
  );
});

test("an asynchronous run lets promises settle before time goes on", async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  let pending = 0;
  const work = async (name: string): Promise<void> => {
    pending++;
    for (let i = 0; i < 5; i++) await Promise.resolve();
    log.push(`${name} settled at ${clock.mono()}`);
    pending--;
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  clock.after(10, () => void work("a"));
  clock.after(10, () => void work("b"));
  clock.after(20, () => log.push(`timer at ${clock.mono()}`));
  await clock.runAsync(30, { pending: () => pending > 0, settle });
  assert.deepEqual(log, ["a settled at 10", "b settled at 10", "timer at 20"]);
  assert.equal(clock.mono(), 30);
});

test("promises that wait for a later timer do not stop the run", async () => {
  const clock = new VirtualClock();
  let done = false;
  const sleep = (): Promise<void> => new Promise((resolve) => clock.after(100, resolve));
  clock.after(1, () => {
    void sleep().then(() => {
      done = true;
    });
  });
  let rounds = 0;
  const settle = (): Promise<void> => {
    rounds++;
    return Promise.resolve();
  };
  await clock.runAsync(200, { pending: () => !done, settle, roundsMax: 10 });
  assert.equal(done, true);
  assert.ok(rounds <= 30);
});
