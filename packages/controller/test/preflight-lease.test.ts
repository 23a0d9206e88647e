// Who runs the gates of a model, through a whole controller: one at a time, whoever died gives way, and what was found beside
// another's gates is not kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PREFLIGHT_LEASE_MS, type PreflightLease } from "@slipway/core";
import { FakeWorld, MODEL, versionOf } from "./fake-world.ts";

async function opened(): Promise<FakeWorld> {
  return await new FakeWorld().open();
}

function take({ controller }: FakeWorld, by: string): Promise<PreflightLease> {
  return controller.takeLease(MODEL, { by, to: "gpt-5.3", gates: ["load", "soak"] });
}

function leave({ controller }: FakeWorld, lease: number): Promise<unknown> {
  const seen = (id: string) => ({ version: id, fingerprint: versionOf(id).fingerprint });
  const result = {
    gate: "load",
    outcome: "pass",
    because: "",
    figures: [],
    details: null,
  } as const;
  return controller.keepEvidence(MODEL, {
    ...{ from: seen("gpt-5.0"), to: seen("gpt-5.3"), lease },
    gates: [{ result, grade: "A", settings: null }],
    ...{ endedAtMs: controller.nowMs(), by: "ann", slipwayVersion: "0.1.0" },
  });
}

/** So that it has lapsed if nobody renewed it. */
async function lapse(world: FakeWorld): Promise<void> {
  await world.seconds(PREFLIGHT_LEASE_MS / 1_000 + 1);
}

test("two people who run gates of one model: the second is told who does, which, and for how long", async () => {
  const world = await opened();
  const { number } = await take(world, "ann");
  await world.seconds(30);
  await assert.rejects(take(world, "bob"), {
    code: "preflight_under_way",
    message: `ann has run load, soak of ${MODEL} against gpt-5.3 for 30 s`,
    fix: /--wait; one that has died gives way within 1 min/,
  });
  await leave(world, number);
  await world.controller.endLease(MODEL, number);
  assert.equal((await take(world, "bob")).number, number + 1);
});

test("the lease of somebody who died lapses, though the clock was set back while the controller was down", async () => {
  const world = await opened();
  // Nothing else that is stored is as new.
  world.clock.jump(3_600_000);
  const { number } = await take(world, "ann");
  world.clock.jump(-3_600_000);
  await world.restart();
  await assert.rejects(take(world, "bob"), { code: "preflight_under_way" });
  await lapse(world);
  await lapse(world);
  assert.equal((await take(world, "bob")).number, number + 1);
});

test("a lease holds for as long as it is renewed, also by a controller that has started again", async () => {
  const world = await opened();
  const { number } = await take(world, "ann");
  for (let minutes = 0; minutes < 3; minutes++) {
    await world.seconds(50);
    await world.controller.renewLease(MODEL, number);
    await world.restart();
    await assert.rejects(take(world, "bob"), { code: "preflight_under_way" });
  }
});

test("a preflight that was killed gives way, and one that only slept counts for nothing beside the next", async () => {
  const world = await opened();
  const asleep = await take(world, "ann");
  await lapse(world);
  const next = await take(world, "bob");
  const superseded = {
    code: "preflight_superseded",
    message:
      /^this preflight was not heard of .* bob has run load, soak .* meanwhile: what it found/,
  };
  await assert.rejects(world.controller.renewLease(MODEL, asleep.number), superseded);
  await assert.rejects(leave(world, asleep.number), superseded);
  assert.deepEqual(world.controller.evidence(MODEL), []);
  await world.controller.endLease(MODEL, asleep.number);
  assert.equal(world.controller.preflightLease(MODEL)?.endedAtMs, null, "bob's goes on");
  await leave(world, next.number);
  assert.equal(world.controller.evidence(MODEL).length, 1);
});

test("a controller that was away for longer than the lease changes nothing for whoever ran on alone", async () => {
  const world = await opened();
  const { number } = await take(world, "ann");
  await lapse(world);
  await world.restart();
  assert.equal((await world.controller.renewLease(MODEL, number)).number, number);
  await leave(world, number);
  assert.equal(world.controller.evidence(MODEL).length, 1);
});
