// Frames: each counted once, whatever the network does with them; leases for those who follow the newest table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore } from "@slipway/controller";
import type { Acknowledgement, Frame, RolloutView } from "@slipway/wire";
import { GOOD, madeRow } from "./fake-gateway.ts";
import { documentOf, FakeWorld, POLICY, requestOf } from "./fake-world.ts";

async function startedWorld(gateways: readonly string[] = ["edge-1"]): Promise<FakeWorld> {
  const world = await new FakeWorld({ gateways }).open();
  await world.start();
  await world.seconds(2);
  return world;
}

function arrivals(view: RolloutView): number {
  return view.totals.stable.arrivals + view.totals.candidate.arrivals;
}

/** Of rows about stable, under the table as it is now; the tick is the sender's. */
function stableKey(world: FakeWorld): Parameters<typeof madeRow>[0] {
  const { number } = world.controller.table();
  const { rolloutId } = world;
  return { rolloutId, table: number, arm: "stable", via: "split", segment: "all" };
}

/** Sends frames as a worker of its own, whose rows all lie in the coming second. */
function sender(
  world: FakeWorld,
): (sequence: number, n: number, extra?: Partial<Frame>) => Promise<Acknowledgement> {
  const tick = Math.floor(world.clock.wall() / 1000);
  return (sequence, n, extra = {}) => {
    const { storeId, number } = world.controller.table();
    const key = stableKey(world);
    return world.controller.acceptFrame({
      member: { incarnation: "sender-1", gateway: "edge-9", worker: 0 },
      sequence,
      asOfMs: world.clock.wall() + 60_000,
      confirmedTable: number,
      storeId,
      candidateInFlight: {},
      candidateEndedAtMs: {},
      diverted: [],
      tripped: [],
      mirrored: [],
      rowsDropped: 0,
      rows: [madeRow(key, tick, n, GOOD)],
      goodbye: false,
      ...extra,
    });
  };
}

// The order in which frames arrive (each with 10 requests), what each is acknowledged with, and what is counted.
const ORDERS = `
  1 2 3         1 2 3         30   in order
  1 1 2 2 2     1 1 2 2 2     20   duplicates are acknowledged again and counted once
  1 2 1 2 3     1 2 2 2 3     30   old duplicates between new ones
  1 3           1 3           20   a gap is accepted: what lies in it was acknowledged before
  1 3 2 3       1 3 3 3       20   what comes out of a gap is not counted any more
  1 4 5 2 3 6   1 4 5 5 5 6   40   a longer gap
`;

for (const line of ORDERS.split("\n").filter((text) => text.trim() !== "")) {
  const words = line.trim().split(/ +/);
  const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const counted = numbers.pop();
  const sent = numbers.slice(0, numbers.length / 2);
  const acknowledged = numbers.slice(numbers.length / 2);
  test(`frames: ${words.slice(sent.length * 2 + 1).join(" ")}`, async () => {
    const world = await startedWorld([]);
    const send = sender(world);
    const got: number[] = [];
    for (const sequence of sent) got.push((await send(sequence, 10)).sequence);
    assert.deepEqual(got, acknowledged);
    await world.seconds(4);
    assert.equal(arrivals(await world.view()), counted);
  });
}

test("frames that arrive together are stored in one commit, each acknowledged with its own sequence", async () => {
  let commits = 0;
  const store = createMemoryStore("store-1", {
    beforeCommit: () => {
      commits++;
    },
  });
  const world = await new FakeWorld({ store, gateways: ["a", "b", "c", "d"] }).open();
  commits = 0;
  const acks = await Promise.all(
    world.gateways.map((gateway) => world.controller.acceptFrame(gateway.frame())),
  );
  assert.equal(commits, 1);
  assert.deepEqual(
    acks.map(({ sequence }) => sequence),
    world.gateways.map((gateway) => gateway.frame().sequence),
  );
});

test("a member that nobody knows goes on from the sequence that it has come to", async () => {
  const world = await startedWorld([]);
  const send = sender(world);
  assert.equal((await send(41, 10)).sequence, 41);
  assert.equal((await send(41, 10)).sequence, 41);
  await world.seconds(4);
  assert.equal(arrivals(await world.view()), 10);
});

test("rows that come after their tick was consumed are counted as late, and in no total", async () => {
  const world = await startedWorld();
  const before = arrivals(await world.view());
  const send = sender(world);
  world.gateways[0]?.serve({ ...GOOD, requests: 0 });
  await world.seconds(4, { ...GOOD, requests: 0 });
  await send(1, 7);
  await world.seconds(2, { ...GOOD, requests: 0 });
  const view = await world.view();
  assert.equal(view.lateRequests, 7);
  assert.ok(arrivals(view) - before <= 400);
});

test("rows of a tick that lies ahead of the clock are not kept", async () => {
  const world = await startedWorld();
  const { storeId } = world.controller.table();
  const key = stableKey(world);
  const ahead = Math.floor(world.clock.wall() / 1000) + 1_000;
  const send = sender(world);
  await send(1, 0, { storeId, rows: [madeRow(key, ahead, 9, GOOD)] });
  assert.equal((await world.view()).lateRequests, 9);
});

test("rows of a worker that went on while the controller's time stood still wait for their tick", async () => {
  const world = await startedWorld();
  const { storeId } = world.controller.table();
  const key = stableKey(world);
  const before = arrivals(await world.view());
  const send = sender(world);
  // Ten seconds down, and the wall clock set back by as much: the worker is ahead by all of it.
  const ahead = Math.floor(world.clock.wall() / 1000) + 10;
  await send(1, 0, { storeId, rows: [madeRow(key, ahead, 9, GOOD)] });
  assert.equal((await world.view()).lateRequests, 0);
  await world.seconds(14, { ...GOOD, requests: 0 });
  assert.ok(arrivals(await world.view()) >= before + 9);
});

test("a lease is renewed for the newest table alone", async () => {
  const world = await startedWorld();
  const { number } = world.controller.table();
  const send = sender(world);
  assert.equal((await send(1, 0, { confirmedTable: null })).leaseMs, 0);
  assert.equal((await send(2, 0, { confirmedTable: number - 1 })).leaseMs, 0);
  assert.equal((await send(3, 0, { storeId: "another" })).leaseMs, 0);
  assert.equal((await send(4, 0)).leaseMs, 5_000);
  assert.equal((await send(4, 0)).leaseMs, 5_000);
  assert.equal((await send(5, 0, { goodbye: true })).leaseMs, 0);
  const member = world.controller.members().find(({ incarnation }) => incarnation === "sender-1");
  assert.equal(member?.state, "left");
});

test("a goodbye ends a member at once: nothing waits for it, and nothing misses it", async () => {
  const world = await startedWorld(["edge-1", "edge-2"]);
  const [, leaving] = world.gateways;
  assert.ok(leaving);
  await world.controller.acceptFrame(leaving.frame(true));
  world.gateways.pop();
  await world.command("rollback");
  await world.seconds(4);
  const { phase } = await world.view();
  assert.ok(phase.kind === "rolled-back");
  assert.deepEqual(phase.expired, []);
});

test("a rollback waits for a gateway that is cut off until its lease has ended, and names it", async () => {
  const world = await startedWorld(["edge-1", "edge-2"]);
  const [, lost] = world.gateways;
  assert.ok(lost);
  lost.isCutOff = true;
  await world.command("rollback");
  await world.seconds(3);
  assert.equal((await world.view()).phase.kind, "rolling-back");
  assert.equal(lost.isLeased, true);
  await world.seconds(3);
  const { phase } = await world.view();
  assert.ok(phase.kind === "rolled-back");
  assert.deepEqual(phase.expired, ["edge-2/0"]);
  assert.ok(phase.confirmMs > 3_000 && phase.confirmMs <= 5_500, `${phase.confirmMs} ms`);
  // It has stopped by itself before the controller says so.
  assert.equal(lost.isLeased, false);
});

for (const onLapse of ["keep", "stable"] as const) {
  const named = onLapse === "keep" ? ["edge-2/0"] : [];
  const what = onLapse === "keep" ? "is named, for it may go on" : "has stopped by itself";
  test(`on-lapse ${onLapse}: a gateway whose lease had ended before the rollback ${what}`, async () => {
    const policy = { lease: { durationMs: 5_000, onLapse } };
    const world = await new FakeWorld({ gateways: ["edge-1", "edge-2"], policy }).open();
    await world.start();
    await world.seconds(2);
    const [, lost] = world.gateways;
    assert.ok(lost);
    lost.isCutOff = true;
    await world.seconds(7);
    await world.command("rollback");
    await world.seconds(3);
    const { phase } = await world.view();
    assert.ok(phase.kind === "rolled-back");
    assert.deepEqual(phase.expired, named);
  });
}

test("a gateway whose frames arrive but whose tables do not is not renewed, so that a rollback ends", async () => {
  const world = await startedWorld(["edge-1", "edge-2"]);
  const [, deaf] = world.gateways;
  assert.ok(deaf);
  deaf.isDeaf = true;
  await world.command("rollback");
  await world.seconds(8);
  const { phase } = await world.view();
  assert.ok(phase.kind === "rolled-back");
  assert.deepEqual(phase.expired, ["edge-2/0"]);
  assert.equal(deaf.isLeased, false);
});

test("a gateway that comes back after its lease is a member again, under the newest table", async () => {
  const world = await startedWorld(["edge-1", "edge-2"]);
  const [, lost] = world.gateways;
  assert.ok(lost);
  lost.isCutOff = true;
  await world.seconds(7);
  const stateOf = (): string | undefined =>
    world.controller.members().find(({ gateway }) => gateway === "edge-2")?.state;
  assert.equal(stateOf(), "expired");
  lost.isCutOff = false;
  world.greet();
  await world.second();
  assert.equal(stateOf(), "leased");
});

test("a lease that was made shorter does not end the longer one before it, over a restart too", async () => {
  const world = await new FakeWorld({
    policy: { lease: { durationMs: 9_000, onLapse: "stable" } },
  }).open();
  const [gateway] = world.gateways;
  assert.ok(gateway);
  const shorter = { ...POLICY, lease: { durationMs: 2_000, onLapse: "stable" as const } };
  await world.controller.apply(requestOf(documentOf({ policy: shorter })));
  await world.second();
  await world.restart();
  gateway.isCutOff = true;
  const stateOf = (): string | undefined => world.controller.members()[0]?.state;
  while (gateway.isLeased) {
    assert.equal(stateOf(), "leased");
    await world.second();
  }
  await world.seconds(10);
  assert.equal(stateOf(), "expired");
});

test("drainedMs runs to the last answer of the candidate on any gateway", async () => {
  const world = await startedWorld();
  const [gateway] = world.gateways;
  assert.ok(gateway);
  gateway.inFlight = { [world.rolloutId]: 2 };
  await world.command("rollback");
  await world.seconds(3, { ...GOOD, requests: 0 });
  assert.equal((await world.view()).phase.kind, "rolled-back");
  assert.equal((await world.view()).drainedMs, null);
  gateway.inFlight = {};
  gateway.endedAtMs = { [world.rolloutId]: world.clock.wall() };
  await world.seconds(1, { ...GOOD, requests: 0 });
  assert.equal((await world.view()).drainedMs, 3_000);
});

test("open requests keep their tick from maturing until their horizon has passed", async () => {
  const world = await startedWorld();
  const totals = async (): Promise<number> => arrivals(await world.view());
  await world.seconds(2, { ...GOOD, requests: 0 });
  const before = await totals();
  await world.second({ ...GOOD, open: 5 });
  await world.second({ ...GOOD, requests: 0 });
  assert.equal(await totals(), before);
  await world.seconds(2, { ...GOOD, requests: 0 });
  assert.equal(await totals(), before + 400);
});

test("a wall clock that is set back stops neither ticks nor leases", async () => {
  const world = await startedWorld();
  world.clock.jump(-3_600_000);
  const before = arrivals(await world.view());
  const { number } = world.controller.table();
  const send = sender(world);
  assert.ok((await send(1, 0)).nowMs > world.clock.wall() + 3_000_000);
  assert.equal(world.controller.table().number, number);
  assert.ok(before > 0);
});

test("time does not go back over a restart, though the wall clock did", async () => {
  const world = await startedWorld();
  await world.seconds(2);
  const send = sender(world);
  const { nowMs } = await send(1, 0);
  world.clock.jump(-3_600_000);
  await world.restart();
  assert.ok((await send(2, 0)).nowMs >= nowMs);
  await world.seconds(2);
  assert.equal((await world.view()).decision.because.code, "hold");
});

test("gateways that crash all the time do not keep others out", async () => {
  const world = await startedWorld([]);
  const { storeId, number } = world.controller.table();
  const send = sender(world);
  for (let batch = 0; batch < 9; batch++) {
    const members = Array.from({ length: 250 }, (_, i) => `crashed-${batch}-${i}`);
    const leased = batch === 0 ? { storeId, confirmedTable: number } : { confirmedTable: null };
    await Promise.all(
      members.map((incarnation) =>
        send(1, 0, { ...leased, rows: [], member: { incarnation, gateway: "g", worker: 0 } }),
      ),
    );
  }
  const members = world.controller.members();
  assert.equal(members.length, 2_000);
  assert.equal(members.filter(({ state }) => state === "leased").length, 250);
});

test("an acknowledgement says how many live workers there are, and which of them this one is", async () => {
  const world = await startedWorld(["edge-1", "edge-2"]);
  const send = sender(world);
  const member = (incarnation: string): Frame["member"] => ({
    incarnation,
    gateway: "edge-9",
    worker: 0,
  });
  const first = await send(1, 0, { member: member("0-the-first") });
  assert.deepEqual([first.members, first.rank], [3, 0]);
  const last = await send(1, 0, { member: member("~-the-last") });
  assert.deepEqual([last.members, last.rank], [4, 3]);
  await send(2, 0, { member: member("0-the-first"), goodbye: true });
  const { members, rank } = await send(2, 0, { member: member("~-the-last") });
  assert.deepEqual([members, rank], [3, 2], "who has left takes no share");
});
