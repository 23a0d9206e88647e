// When a tick is judged: with everybody's evidence, or, where a member stays silent, without it and by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GOOD, madeRow } from "./fake-gateway.ts";
import { FakeWorld, type POLICY } from "./fake-world.ts";

const FAILING = { ...GOOD, errors: 0.5 };
const LONG_LEASE = { lease: { durationMs: 600_000, onLapse: "stable" as const } };

async function startedWorld(policy: Partial<typeof POLICY> = {}): Promise<FakeWorld> {
  const stages = [{ percent: 25, holdMs: 600_000, minRequests: 100 }];
  const world = await new FakeWorld({
    gateways: ["edge-1", "edge-2"],
    policy: { stages, ...policy },
  }).open();
  await world.start();
  await world.seconds(3);
  return world;
}

test("a gateway that never hears its acknowledgements does not keep the others from a rollback", async () => {
  const world = await startedWorld();
  const [, lost] = world.gateways;
  assert.ok(lost);
  lost.losesAcks = true;
  await world.seconds(10, FAILING);
  assert.match(await world.story(), /^started advance-0 confirmed roll-back/);
});

test("a crashed worker whose lease is long does not keep the others from a rollback", async () => {
  const world = await startedWorld(LONG_LEASE);
  const [, crashed] = world.gateways;
  assert.ok(crashed);
  crashed.isCutOff = true;
  await world.seconds(12, FAILING);
  assert.match(await world.story(), /^started advance-0 confirmed roll-back/);
});

test("what a silent gateway has not reported can fail a guard, but passes none", async () => {
  const stages = [{ percent: 25, holdMs: 6_000, minRequests: 100 }];
  const world = await startedWorld({ ...LONG_LEASE, stages });
  const [, silent] = world.gateways;
  assert.ok(silent);
  silent.losesAcks = true;
  await world.seconds(30);
  assert.equal(await world.story(), "started advance-0 confirmed");
  assert.match((await world.view()).decision.because.text, /but without edge-2\/0/);
});

test("a worker that joins neither holds up nor is missed in ticks that ended before it came", async () => {
  const world = await startedWorld();
  const { storeId, number } = world.controller.table();
  const ticks = async (): Promise<number> =>
    (await world.store.ticks(world.rolloutId, -1, 1_000)).length;
  const before = await ticks();
  world.clock.advance(1_000);
  // It has not learnt the controller's time yet.
  await world.controller.acceptFrame({
    member: { incarnation: "newcomer-1", gateway: "edge-3", worker: 0 },
    sequence: 1,
    asOfMs: 0,
    confirmedTable: number,
    storeId,
    candidateInFlight: {},
    candidateEndedAtMs: {},
    diverted: [],
    tripped: [],
    mirrored: [],
    rowsDropped: 0,
    rows: [],
    goodbye: false,
  });
  for (const gateway of world.gateways) await gateway.report(world.controller);
  await world.controller.tick();
  assert.equal(await ticks(), before + 1);
  await world.seconds(12, { ...GOOD, requests: 0 });
  const missing = (await world.store.ticks(world.rolloutId, -1, 1_000)).map(
    ({ text }) => (JSON.parse(text) as { missing: string[] }).missing,
  );
  assert.deepEqual(missing.slice(0, before + 1).flat(), []);
  assert.ok(missing.flat().includes("edge-3/0"));
});

test("after a restart, members have time to send what they kept", async () => {
  const world = await startedWorld();
  const ticks = async (): Promise<string> =>
    (await world.store.ticks(world.rolloutId, -1, 1_000)).map(({ text }) => text).join();
  world.clock.advance(4_000);
  for (const gateway of world.gateways) gateway.serve(GOOD);
  world.clock.advance(6_000);
  await world.restart();
  // Nobody has reached it yet.
  await world.controller.tick();
  world.clock.advance(1_000);
  await world.controller.tick();
  await world.seconds(3);
  assert.doesNotMatch(await ticks(), /"missing":\["/);
});

const HOUR_MS = 3_600_000;

test("after an hour without the controller, its guards see again within a second", async () => {
  const world = await startedWorld();
  world.clock.advance(HOUR_MS);
  await world.restart();
  const stop = world.controller.run(250);
  const sinceMs = world.clock.mono();
  const newestMs = async (): Promise<number> => {
    const [last] = (await world.store.ticks(world.rolloutId, -1, 10_000)).slice(-1);
    return ((last?.tick ?? 0) + 1) * 1_000;
  };
  // Members have 5 s to send what they kept.
  while (world.clock.mono() - sinceMs < 6_000) {
    world.clock.advance(250);
    for (let turn = 0; turn < 20; turn++) {
      await world.controller.settled();
      // The next turn, where it was set to come at once.
      world.clock.advance(0);
    }
  }
  stop();
  await world.controller.settled();
  assert.ok(world.clock.wall() - (await newestMs()) <= 1_000);
});

test("what failed before a stop is judged before the empty time after it", async () => {
  const world = await startedWorld();
  const { number } = world.controller.table();
  const tick = Math.floor(world.clock.wall() / 1000);
  const [gateway] = world.gateways;
  assert.ok(gateway);
  for (const arm of ["stable", "candidate"] as const) {
    const key = {
      rolloutId: world.rolloutId,
      table: number,
      arm,
      via: "split" as const,
      segment: "all",
    };
    gateway.add(madeRow(key, tick, 400, FAILING), madeRow(key, tick + 1, 400, FAILING));
  }
  await gateway.report(world.controller);
  world.clock.advance(HOUR_MS);
  await world.restart();
  world.clock.advance(6_000);
  for (let turn = 0; turn < 20; turn++) await world.controller.tick();
  assert.match(await world.story(), /^started advance-0 confirmed roll-back/);
});
