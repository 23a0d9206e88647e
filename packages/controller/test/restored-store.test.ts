// A store that was put back to an earlier state: gateways know tables and acknowledgements that it does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeGateway } from "./fake-gateway.ts";
import { FakeWorld } from "./fake-world.ts";

/** Gateways but the first follow a table that was minted after the backup, with the candidate in it. */
async function restoredWorld(
  gateways: readonly string[],
): Promise<{ world: FakeWorld; strays: readonly FakeGateway[]; errors: string[] }> {
  const errors: string[] = [];
  const log = {
    info: () => {},
    warn: () => {},
    error: (_: unknown, text: string) => errors.push(text),
  };
  const world = await new FakeWorld({ gateways, log }).open();
  await world.start();
  await world.seconds(3);
  const strays = world.gateways.slice(1);
  for (const stray of strays) {
    const { table } = stray;
    assert.ok(table !== null && (table.routes[0]?.split?.candidateSlots ?? 0) > 0);
    stray.table = { ...table, number: table.number + 5 };
  }
  return { world, strays, errors };
}

test("a rollback is not confirmed by who follows a table that this store never made", async () => {
  const { world, strays } = await restoredWorld(["edge-1", "edge-2", "edge-3"]);
  for (const stray of strays) stray.isDeaf = true;
  await world.command("rollback");
  await world.seconds(2);
  assert.equal((await world.view()).phase.kind, "rolling-back");
  await world.seconds(6);
  const { phase } = await world.view();
  assert.ok(phase.kind === "rolled-back");
  assert.deepEqual(phase.expired, ["edge-2/0", "edge-3/0"]);
  assert.deepEqual(
    strays.map(({ isLeased }) => isLeased),
    [false, false],
  );
});

test("a higher number brings those back who follow a table that this store never made", async () => {
  const { world, strays, errors } = await restoredWorld(["edge-1", "edge-2", "edge-3"]);
  await world.command("rollback");
  await world.seconds(3);
  const { phase } = await world.view();
  assert.ok(phase.kind === "rolled-back");
  assert.deepEqual(phase.expired, []);
  for (const { table, isLeased } of strays) {
    assert.equal(table?.number, world.controller.table().number);
    assert.equal(isLeased, true);
  }
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? "", /a table that this store never made/);
});
