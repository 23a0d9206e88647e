// Two rollouts on one pool: refused with who is there already, unless an operator says so, and then journaled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { documentOf, FakeWorld, MODEL, otherModel, requestOf } from "./fake-world.ts";

const OTHER = { model: "translator", to: "gpt-5.3", by: "ann", reason: "both at once" };
const MIRROR = { to: "gpt-5.3", share: 0.1, by: "ann", reason: "new weights" };

async function beside(pool: string): Promise<FakeWorld> {
  const world = await new FakeWorld().open();
  await world.controller.apply(requestOf(documentOf(), otherModel("translator", pool)));
  return world;
}

test("a rollout is refused while another model's uses the same pool, and the refusal names it", async () => {
  const world = await beside("p");
  const { id } = await world.start();
  await assert.rejects(world.controller.start(OTHER), {
    code: "pool_in_use",
    message: new RegExp(
      `translator would share a pool with rollout ${id} of ${MODEL} \\(pool p\\)`,
    ),
  });
  assert.equal((await world.controller.rollouts("translator")).length, 0);
});

test("a rollout on another pool begins, and so does one once the first has ended", async () => {
  const apart = await beside("q");
  await apart.start();
  assert.equal((await apart.controller.start(OTHER)).phase.kind, "preflight");

  const world = await beside("p");
  await world.start();
  await world.seconds(2);
  await world.command("rollback");
  await world.seconds(2);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  assert.equal((await world.controller.start(OTHER)).phase.kind, "preflight");
});

test("an operator may start it all the same, and its journal says beside what", async () => {
  const world = await beside("p");
  const { id } = await world.start();
  const second = await world.controller.start({ ...OTHER, sharePools: true });
  const [started] = await world.controller.journal(second.id);
  assert.ok(started?.event.type === "started");
  const { beside: neighbours, reason } = started.event.rollout;
  assert.deepEqual(neighbours, [{ kind: "rollout", id, model: MODEL, pool: "p" }]);
  assert.equal(reason, OTHER.reason);
  assert.deepEqual((await world.controller.verify()).problems, []);
});

test("another model's mirror in the pool keeps a rollout out, and the model's own does not", async () => {
  const world = await beside("p");
  await world.controller.startMirror("translator", MIRROR);
  await assert.rejects(world.start(), { code: "pool_in_use", message: /the mirror of translator/ });
  await world.controller.stopMirror("translator", { by: "ann", reason: "" });
  await world.controller.startMirror(MODEL, MIRROR);
  assert.equal((await world.start()).phase.kind, "preflight");
});

test("a mirror into the pool of another model's rollout is refused, unless an operator says so", async () => {
  const world = await beside("p");
  const { id } = await world.start();
  const refused = world.controller.startMirror("translator", MIRROR);
  await assert.rejects(refused, { code: "pool_in_use", message: new RegExp(`rollout ${id}`) });
  const view = await world.controller.startMirror("translator", { ...MIRROR, sharePools: true });
  assert.equal(view.to, "gpt-5.3");
});

test("a revert after completion is never kept from its pool", async () => {
  const world = await beside("p");
  await world.start();
  await world.seconds(45);
  assert.equal((await world.view()).phase.kind, "completed");
  const second = await world.controller.start(OTHER);
  const back = await world.command("revert");
  assert.notEqual(back.id, second.id);
  assert.equal(back.to, "gpt-5.0");
});

test("pools that both versions use are known to the rollout from its start", async () => {
  const world = await beside("p");
  await world.start();
  const [started] = await world.events();
  assert.ok(started?.type === "started");
  assert.deepEqual(started.rollout.sharedPools, ["p"]);
});
