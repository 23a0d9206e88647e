// The simulated network between gateways and the controller: what it carries, what it keeps, and what it loses.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Controller } from "@slipway/controller";
import { createRandom, type Table } from "@slipway/core";
import {
  type Conditions,
  Network,
  ProcessClock,
  VirtualClock,
  type WorldEvent,
} from "@slipway/simulator";
import type { Acknowledgement, Frame } from "@slipway/wire";
import { settle } from "./world-ports.ts";

const CONDITIONS: Conditions = {
  delayMsMin: 10,
  delayMsMean: 0,
  lossShare: 0,
  copyShare: 0,
  copyDelayMsMean: 0,
};

const table = (number: number): Table => ({
  storeId: "store-1",
  number,
  mintedAtMs: 0,
  routes: [],
  clients: null,
  pools: [],
});

const FRAME: Frame = {
  member: { incarnation: "worker-1", gateway: "edge", worker: 1 },
  sequence: 1,
  asOfMs: 0,
  confirmedTable: null,
  storeId: null,
  candidateInFlight: {},
  candidateEndedAtMs: {},
  diverted: [],
  tripped: [],
  mirrored: [],
  rowsDropped: 0,
  rows: [],
  goodbye: false,
};

/** One worker, and a controller that knows nothing but how to answer. */
function connected(conditions: Partial<Conditions> = {}) {
  const clock = new VirtualClock();
  const events: WorldEvent[] = [];
  const listeners = new Set<(table: Table) => void>();
  const state = { current: table(1), isUp: true, frames: 0, busy: 0 };
  const answer = async (frame: Frame): Promise<Acknowledgement> => {
    state.frames++;
    state.busy++;
    await Promise.resolve();
    state.busy--;
    const { sequence } = frame;
    return { sequence, leaseMs: 1, nowMs: 0, storeId: "store-1", table: 1, members: 1, rank: 0 };
  };
  const controller: Pick<Controller, "acceptFrame" | "onTable" | "table"> = {
    acceptFrame: answer,
    table: () => state.current,
    onTable: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const network = new Network({
    clock,
    random: createRandom(1),
    conditions: { ...CONDITIONS, ...conditions },
    controller: () => (state.isUp ? (controller as Controller) : null),
    tell: (event) => events.push(event),
  });
  const worker = { incarnation: "worker-1", gateway: "edge", number: 1, clock };
  const link = network.link(worker);
  const seen: number[] = [];
  const publish = (number: number): void => {
    state.current = table(number);
    for (const listener of listeners) listener(state.current);
  };
  const answers: (number | null)[] = [];
  const report = (): unknown => link.report(FRAME, (ack) => answers.push(ack?.sequence ?? null));
  const pass = async (ms: number): Promise<void> => {
    await clock.runAsync(clock.mono() + ms, { pending: () => state.busy > 0, settle });
    await settle();
  };
  const follow = (): unknown => link.follow(({ number }) => seen.push(number));
  return { network, state, seen, answers, publish, report, follow, pass, listeners, events };
}

test("a frame is carried there and its acknowledgement back, each with a delay", async () => {
  const { report, pass, answers, state } = connected();
  report();
  await pass(9);
  assert.equal(state.frames, 0);
  await pass(2);
  assert.deepEqual([state.frames, answers], [1, []]);
  await pass(11);
  assert.deepEqual(answers, [1]);
});

test("a frame that nobody answers has failed after five seconds", async () => {
  const { network, report, pass, answers, state } = connected();
  network.cut("edge", ["to-controller"]);
  report();
  await pass(4_999);
  assert.deepEqual(answers, []);
  await pass(1);
  assert.deepEqual([answers, state.frames], [[null], 0]);
});

test("the way back can be cut alone: the frame is stored, and its sender never hears of it", async () => {
  const { network, report, pass, answers, state } = connected();
  network.cut("edge", ["from-controller"]);
  report();
  await pass(5_000);
  assert.deepEqual([answers, state.frames], [[null], 1]);
});

test("a copy of a frame arrives a second time, and is answered to nobody", async () => {
  const { report, pass, answers, state } = connected({ copyShare: 1, copyDelayMsMean: 300 });
  report();
  await pass(5_000);
  assert.deepEqual([answers, state.frames], [[1], 2]);
});

test("a controller that is down refuses at once", async () => {
  const { report, pass, answers, state } = connected();
  state.isUp = false;
  report();
  await pass(21);
  assert.deepEqual(answers, [null]);
});

test("tables come in order, the newest first of all", async () => {
  const { follow, publish, pass, seen } = connected({ delayMsMean: 50 });
  publish(7);
  follow();
  await pass(1_000);
  for (const number of [8, 9, 10, 11]) publish(number);
  await pass(1_000);
  assert.deepEqual(seen, [7, 8, 9, 10, 11]);
});

test("a short cut holds tables back; after a long one the stream is made anew", async () => {
  const { network, follow, publish, pass, seen, listeners } = connected();
  follow();
  await pass(100);
  network.cut("edge", ["from-controller"]);
  publish(2);
  await pass(10_000);
  assert.deepEqual(seen, [1]);
  network.mend("edge");
  assert.deepEqual(seen, [1, 2]);
  network.cut("edge", ["to-controller", "from-controller"]);
  publish(3);
  await pass(16_000);
  assert.equal(listeners.size, 0);
  network.mend("edge");
  await pass(6_000);
  assert.deepEqual(seen, [1, 2, 3]);
});

test("when the controller dies its streams break, and are made again once it is back", async () => {
  const { network, follow, publish, pass, seen, state } = connected();
  follow();
  await pass(100);
  state.isUp = false;
  network.controllerDied();
  await pass(3_000);
  state.isUp = true;
  publish(2);
  await pass(6_000);
  assert.deepEqual(seen, [1, 2]);
});

test("an old table can come once more", async () => {
  const { network, follow, publish, pass, seen } = connected();
  follow();
  await pass(100);
  publish(2);
  await pass(100);
  for (let i = 0; i < 20; i++) network.repeatOldTable("worker-1");
  assert.ok(seen.slice(2).includes(1), seen.join(" "));
});

test("a process has clocks of its own, and its timers die with it", () => {
  const world = new VirtualClock();
  const clock = new ProcessClock(world, { originMs: 500, skewMs: -60_000, drift: 0 });
  const fired: string[] = [];
  clock.after(10, () => fired.push("first"));
  clock.after(30, () => fired.push("second"));
  world.run(20);
  assert.deepEqual([clock.mono(), clock.wall()], [520, world.wall() - 60_000]);
  clock.jump(1_000);
  assert.equal(clock.wall(), world.wall() - 59_000);
  clock.die();
  clock.after(1, () => fired.push("third"));
  world.run();
  assert.deepEqual(fired, ["first"]);
});
