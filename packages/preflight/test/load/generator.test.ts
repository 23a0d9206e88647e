// The generator in virtual time: an open loop that charges a stalled server with everybody who had to wait.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DueShot, Shot } from "@slipway/core";
import { type Ask, shoot, type Volley } from "@slipway/preflight";
import { VirtualClock } from "@slipway/simulator";
import { servedBy } from "./simulated.ts";

const ANSWER = {
  kind: "answer",
  text: "",
  refusal: null,
  toolCalls: [],
  finishReason: "stop",
  usage: null,
  ttftMs: 1,
  gapMsMax: 0,
  pieces: 1,
} as const;

const EVERY_100_MS: readonly DueShot[] = Array.from({ length: 20 }, (_, i) => ({
  step: 0,
  dueMs: 100 * i,
  promptTokens: 3,
  outputTokens: 2,
  blocks: [],
}));

const OPEN: Volley = {
  kind: "open",
  schedule: EVERY_100_MS,
  endpoints: servedBy().endpoints,
  inFlightMax: 4,
  timeoutMs: 5_000,
  endMs: null,
  ignoreEos: false,
  firstNumber: 0,
};

/** A server that takes so long for the request at this place. */
function server(clock: VirtualClock, tookMs: (at: number) => number): { ask: Ask; most: number } {
  let [at, inside] = [0, 0];
  const seen = {
    most: 0,
    ask: ((question) => {
      seen.most = Math.max(seen.most, ++inside);
      const ms = tookMs(at++);
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Ask>>>();
      const over = (outcome: Awaited<ReturnType<Ask>>): void => {
        inside--;
        resolve(outcome);
      };
      if (ms > question.timeoutMs) {
        const { timeoutMs } = question;
        const failed = { kind: "failure", because: "timeout", totalMs: timeoutMs } as const;
        clock.after(timeoutMs, () => over(failed));
      } else clock.after(ms, () => over({ ...ANSWER, totalMs: ms }));
      return promise;
    }) satisfies Ask,
  };
  return seen;
}

async function fired(
  clock: VirtualClock,
  ask: Ask,
  volley: Volley = OPEN,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Shot[]> {
  const run = shoot({ clock, ask }, volley, { progress: () => {}, signal });
  const settling = {
    pending: () => true,
    settle: async () => await undefined,
    roundsMax: 4,
  };
  await clock.runAsync(60_000, settling);
  return await run;
}

test("what is due is sent on time, however slow the answers are", async () => {
  const clock = new VirtualClock();
  const shots = await fired(clock, server(clock, () => 350).ask);
  assert.equal(shots.length, 20);
  assert.deepEqual(
    shots.map(({ dueMs, sentMs }) => (sentMs ?? -1) - dueMs),
    EVERY_100_MS.map(() => 0),
  );
});

test("a stall is charged to everybody who waited for a place, and none of it to the generator", async () => {
  const clock = new VirtualClock();
  const slow = server(clock, (at) => (at < 4 ? 1_000 : 50));
  const shots = await fired(clock, slow.ask);
  assert.equal(slow.most, 4);
  const fifth = shots.find(({ dueMs }) => dueMs === 400);
  assert.deepEqual([fifth?.sentMs, fifth?.lastMs, fifth?.lagMs], [1_000, 1_050, 0]);
  assert.ok(shots.every(({ lagMs }) => lagMs === 0));
});

test("who waits longer than anybody would has failed, sent or not", async () => {
  const clock = new VirtualClock();
  const shots = await fired(clock, server(clock, () => 60_000).ask, { ...OPEN, timeoutMs: 1_000 });
  assert.equal(shots.length, 20);
  assert.ok(shots.every(({ failure }) => failure === "timeout"));
  assert.ok(shots.every(({ lastMs }) => lastMs === null));
});

test("a clock that stands still makes the generator late, and it says so", async () => {
  const clock = new VirtualClock();
  // The timer of the sixth fires only with that of the eleventh: the thread had no processor.
  const starved = {
    ...clock,
    wall: clock.wall,
    mono: clock.mono,
    after: (delayMs: number, fire: () => void) =>
      clock.after(clock.mono() === 400 && delayMs === 100 ? 600 : delayMs, fire),
  };
  const run = shoot(
    { clock: starved, ask: server(clock, () => 10).ask },
    { ...OPEN, inFlightMax: 100 },
    { progress: () => {}, signal: new AbortController().signal },
  );
  await clock.runAsync(10_000, {
    pending: () => true,
    settle: async () => await undefined,
    roundsMax: 4,
  });
  const lags = (await run).map(({ lagMs }) => Math.round(lagMs));
  assert.equal(Math.max(...lags), 500);
});

test("an answer that may have been there while the generator was held up says so", async () => {
  const clock = new VirtualClock();
  // The answer that comes at 350 ms is read at 500: nothing was looked at in between.
  const heldMs = (atMs: number): number => (atMs > 330 && atMs < 500 ? 500 : atMs);
  const starved = {
    ...clock,
    wall: clock.wall,
    mono: clock.mono,
    after: (delayMs: number, fire: () => void) => {
      const nowMs = clock.mono();
      return clock.after(heldMs(nowMs + delayMs) - nowMs, fire);
    },
  };
  // As a client does that times what it reads.
  const ask: Ask = () => {
    const sentMs = clock.mono();
    return new Promise((resolve) => {
      starved.after(50, () => resolve({ ...ANSWER, totalMs: clock.mono() - sentMs }));
    });
  };
  const run = shoot({ clock: starved, ask }, OPEN, {
    progress: () => {},
    signal: new AbortController().signal,
  });
  await clock.runAsync(10_000, {
    pending: () => true,
    settle: async () => await undefined,
    roundsMax: 4,
  });
  const late = (await run).map(({ dueMs, lastMs, lastLateMs }) => [dueMs, lastMs, lastLateMs]);
  const held = late.filter(([, , lateMs]) => lateMs !== 0);
  assert.deepEqual(held, [[300, 500, 160]]);
});

test("a full step has its places always taken, and ends when the last one is sent", async () => {
  const clock = new VirtualClock();
  const busy = server(clock, () => 100);
  const schedule = EVERY_100_MS.map((due) => ({ ...due, dueMs: 0 }));
  const shots = await fired(clock, busy.ask, { ...OPEN, kind: "full", schedule });
  assert.equal(busy.most, 4);
  assert.equal(shots.length, 16);
  assert.ok(shots.every(({ dueMs, sentMs }) => dueMs === sentMs));
});

test("it ends at once when nobody wants the result any more", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  clock.after(450, () => stop.abort());
  const shots = await fired(clock, server(clock, () => 10).ask, OPEN, stop.signal);
  assert.equal(shots.length, 5);
});
