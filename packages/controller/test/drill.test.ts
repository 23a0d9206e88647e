// Drills in the controller: a stand-in that gateways follow, an ordinary rollout of it, what is remembered, and what is
// touched by none of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DRILL_MS_MAX, DRILL_VERSION, episodesOf } from "@slipway/core";
import { documentOf, FakeWorld, MODEL, requestOf } from "./fake-world.ts";

const STAND_IN = `${MODEL}:drill`;

async function drilling(world: FakeWorld = new FakeWorld()): Promise<FakeWorld> {
  await world.open();
  const { drilling: begun } = await world.controller.startDrill(MODEL, { by: "ann" });
  world.rolloutId = begun?.rollout ?? "";
  await world.seconds(2);
  return world;
}

/** A worker leaves the candidate of the drill. */
async function tripped(world: FakeWorld): Promise<void> {
  const report = {
    ...{ rolloutId: world.rolloutId, table: 3, limit: 10, failures: 10, successes: 0 },
    ...{ outcomes: { connect: 10 }, stable: { failures: 0, successes: 10 } },
  };
  for (const gateway of world.gateways) gateway.tripped = [report];
  await world.second();
}

const routes = (world: FakeWorld): readonly string[] =>
  world.controller.table().routes.map(({ model }) => model);

test("gateways get a stand-in with a candidate of its own servers, whose fault they know to make", async () => {
  const world = await drilling();
  assert.deepEqual(routes(world), [MODEL, STAND_IN]);
  const [real, standIn] = world.controller.table().routes;
  assert.deepEqual([real?.drill, real?.split], [undefined, null]);
  assert.deepEqual(
    [standIn?.drill, standIn?.split?.candidate.id, standIn?.split?.candidateSlots],
    [true, DRILL_VERSION, 5_000],
  );
  assert.deepEqual(standIn?.split?.candidate.upstreams, standIn?.stable.upstreams);
  assert.notEqual(standIn?.split?.candidate.fingerprint, standIn?.stable.fingerprint);
});

test("it is remembered how long the fault took to be seen, and the way back to be confirmed", async () => {
  const world = await drilling(new FakeWorld({ gateways: ["edge-1", "edge-2"] }));
  await world.controller.faultDrill(MODEL);
  await world.seconds(3);
  await tripped(world);
  await world.seconds(1);
  const { drills, drilling: now } = await world.controller.endDrill(MODEL, "ann");
  const [record, ...others] = drills;
  assert.deepEqual([now, others.length], [null, 0]);
  assert.ok(record?.passed === true && record.detectMs !== null && record.confirmMs !== null);
  assert.ok(record.detectMs >= 3_000 && record.detectMs <= 4_000, `${record.detectMs}`);
  assert.ok(record.confirmMs <= 1_000, `${record.confirmMs}`);
  assert.match(record.because, /by 2 of 2 gateway workers/);
  assert.deepEqual(routes(world), [MODEL], "the stand-in is gone");
  await world.restart();
  assert.deepEqual(world.controller.drills(MODEL).drills, [record]);
});

test("a rollback of a drill is no incident, and its journal says what it was", async () => {
  const world = await drilling();
  await world.controller.faultDrill(MODEL);
  await tripped(world);
  const entries = await world.controller.journal(world.rolloutId);
  assert.deepEqual(episodesOf(entries), []);
  const [started] = entries;
  assert.ok(started?.event.type === "started" && started.event.rollout.drill === true);
  assert.equal((await world.controller.verify()).ok, true);
});

test("a fault that nothing sees fails the drill, and its users are taken off the candidate", async () => {
  const world = await drilling();
  await world.controller.faultDrill(MODEL);
  await world.seconds(5);
  const { drills } = await world.controller.endDrill(MODEL, "ann");
  assert.deepEqual([drills[0]?.passed, drills[0]?.detectMs], [false, null]);
  assert.match(drills[0]?.because ?? "", /^the fault was not noticed/);
  await world.seconds(2);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  await world.controller.startDrill(MODEL, { by: "ann" });
});

test("what went back before the fault was there saw no fault, and passes no drill", async () => {
  const world = await drilling();
  await tripped(world);
  await assert.rejects(world.controller.faultDrill(MODEL), /left its stage before there was any/);
  await world.seconds(2);
  await assert.rejects(world.controller.faultDrill(MODEL), /left its stage before there was any/);
  const { drills } = await world.controller.endDrill(MODEL, "ann");
  assert.deepEqual([drills[0]?.passed, drills[0]?.detectMs], [false, null]);
});

test("what a person takes back by hand rehearses nothing", async () => {
  const world = await drilling();
  await world.controller.faultDrill(MODEL);
  await world.controller.command(world.rolloutId, {
    ...{ command: "rollback", by: "bob", reason: "what is this?" },
  });
  await world.seconds(3);
  const { drills } = await world.controller.endDrill(MODEL, "ann");
  assert.equal(drills[0]?.passed, false);
  assert.match(drills[0]?.because ?? "", /^bob moved its users by hand/);
});

test("a worker that does not confirm fails the drill, and is named", async () => {
  const world = await drilling(new FakeWorld({ gateways: ["edge-1", "edge-2"] }));
  await world.controller.faultDrill(MODEL);
  const [, deaf] = world.gateways;
  assert.ok(deaf);
  deaf.isCutOff = true;
  await tripped(world);
  await world.seconds(8);
  const { drills } = await world.controller.endDrill(MODEL, "ann");
  assert.equal(drills[0]?.passed, false);
  assert.equal(drills[0]?.expired.length, 1);
  assert.match(drills[0]?.because ?? "", /by 1 of 2 gateway workers/);
});

test("the model's own rollouts, and applying its configuration, go on beside a drill", async () => {
  const world = await drilling();
  const { id } = await world.controller.start({
    ...{ model: MODEL, to: "gpt-5.3", by: "bob", reason: "better" },
  });
  assert.notEqual(id, world.rolloutId);
  const { removed } = await world.controller.apply(requestOf(documentOf()));
  assert.deepEqual([removed, routes(world)], [[], [MODEL, STAND_IN]]);
});

test("one drill at a time", async () => {
  const world = await drilling();
  await assert.rejects(
    world.controller.startDrill(MODEL, { by: "bob" }),
    /ann drills code-assistant/,
  );
  await assert.rejects(world.controller.startDrill(STAND_IN, { by: "bob" }), /no model/);
});

test("what is left of a drill whose runner died is taken away though nobody drills again", async () => {
  const world = await drilling();
  await world.controller.faultDrill(MODEL);
  await world.restart();
  world.clock.advance(DRILL_MS_MAX + 1_000);
  await world.seconds(3);
  assert.deepEqual(routes(world), [MODEL]);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  const { drilling: now, drills } = world.controller.drills(MODEL);
  assert.equal(now, null);
  assert.deepEqual(
    drills.map(({ passed, by }) => [passed, by]),
    [[false, "ann"]],
  );
  await world.controller.startDrill(MODEL, { by: "bob" });
});

test("a stand-in whose users were taken back late is gone once they are", async () => {
  const world = await drilling();
  await world.controller.faultDrill(MODEL);
  await world.controller.endDrill(MODEL, "ann");
  await assert.rejects(world.controller.startDrill(MODEL, { by: "bob" }), /still being taken back/);
  await world.seconds(3);
  assert.deepEqual(routes(world), [MODEL]);
});

test("a policy that only observes has nothing to rehearse, and an end needs a beginning", async () => {
  const world = await new FakeWorld({ policy: { mode: "observe" } }).open();
  await assert.rejects(world.controller.startDrill(MODEL, { by: "ann" }), /only observes/);
  await assert.rejects(world.controller.faultDrill(MODEL), /no drill of code-assistant/);
  await assert.rejects(world.controller.endDrill(MODEL, "ann"), /no drill of code-assistant/);
});
