// Schedules whose looks and drills come to nothing, through a whole controller: what is kept, who is told, and how it ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BASELINE_ROUNDS, type DriftRound } from "@slipway/core";
import type { DriftView, ModelDocument } from "@slipway/wire";
import { documentOf, type FakeWorld, MODEL, requestOf, versionOf } from "./fake-world.ts";
import { drained, FakeReceiver, targetOf, worldOf } from "./told-world.ts";

const DAY_MS = 86_400_000;
const STABLE = versionOf("gpt-5.0");
const DRIFT: NonNullable<ModelDocument["drift"]> = {
  ...{ schedule: "0 6 * * *", versions: [], timeoutMs: 1_000, falseAlarmMax: 0.01, margin: 0.1 },
  probes: [{ id: "p", line: "{}" }],
};
const DRILL: NonNullable<ModelDocument["drill"]> = {
  ...{ schedule: "0 5 * * *", gateways: ["http://127.0.0.1:9/v1"], keyEnv: null },
  ...{ detectMsMax: 60_000, confirmMsMax: 30_000 },
};
const ROUND: DriftRound = {
  ...{ asked: 1, models: [], backends: [] },
  answers: [{ probe: "p", text: "a".repeat(16), ending: "fine", tokens: 1 }],
};
const WHY = { version: STABLE.id, because: "KEY is not set" };

async function applied(world: FakeWorld, changes: Partial<ModelDocument>): Promise<void> {
  await world.controller.apply({
    ...requestOf(documentOf({ policy: world.policy, ...changes })),
    notifications: { mail: null, targets: [targetOf("team")] },
  });
}

async function scheduled(receiver: FakeReceiver): Promise<FakeWorld> {
  const world = await worldOf(receiver, [targetOf("team")]);
  await applied(world, { drift: DRIFT, drill: DRILL });
  return world;
}

function baseline({ controller }: FakeWorld): Promise<DriftView> {
  return controller.takeDriftBaseline(MODEL, {
    ...{ version: STABLE.id, fingerprint: STABLE.fingerprint, replaces: 0, by: "ann" },
    ...{ probes: "0".repeat(64), reason: "the first" },
    rounds: Array.from({ length: BASELINE_ROUNDS }, () => ROUND),
  });
}

function look({ controller }: FakeWorld, round: DriftRound): Promise<DriftView> {
  const { id: version, fingerprint } = STABLE;
  const by = "the schedule";
  return controller.lookForDrift(MODEL, { version, fingerprint, baseline: 1, round, by });
}

async function daily(world: FakeWorld, days: number, miss: () => Promise<unknown>): Promise<void> {
  for (let day = 0; day < days; day++) {
    await miss();
    world.clock.advance(DAY_MS);
    await world.controller.deliverDue();
  }
}

const lapseOf = ({ versions }: DriftView) => versions.find(({ id }) => id === STABLE.id)?.lapse;

test("looks that nobody can make are kept with their reason, told once, and told once more when one is made", async () => {
  const receiver = new FakeReceiver();
  const world = await scheduled(receiver);
  const { atMs } = (await baseline(world)).versions[0]?.watch?.baseline ?? {};
  await daily(world, 3, () => world.controller.missDriftLook(MODEL, WHY));
  assert.deepEqual(receiver.words(), [], "not yet");
  await world.restart();
  await daily(world, 4, () => world.controller.missDriftLook(MODEL, WHY));
  await drained(world);
  assert.deepEqual(receiver.words(), ["check-missed"]);
  assert.match(receiver.taken[0]?.text ?? "", /: 4 attempts .*: KEY is not set\./);
  const lapse = lapseOf(world.controller.drift(MODEL));
  assert.deepEqual([lapse?.attempts, lapse?.workedAtMs], [7, atMs]);
  assert.equal(lapseOf(await look(world, ROUND)), null);
  await look(world, ROUND);
  await drained(world);
  assert.deepEqual(receiver.words(), ["check-missed", "check-resumed"]);
});

test("looks with too few answers to tell are none", async () => {
  const receiver = new FakeReceiver();
  const world = await scheduled(receiver);
  await baseline(world);
  await daily(world, 4, () => look(world, { ...ROUND, answers: [] }));
  await drained(world);
  assert.deepEqual(receiver.words(), ["check-missed"]);
  assert.match(receiver.taken[0]?.text ?? "", /: 0 of 1 probes were answered, too few to tell/);
});

test("drills that nobody can run are told, until one has come to its fault", async () => {
  const receiver = new FakeReceiver();
  const world = await scheduled(receiver);
  const because = "no gateway answers";
  await daily(world, 5, () => world.controller.missDrill(MODEL, { because }));
  await drained(world);
  assert.deepEqual(receiver.words(), ["check-missed"]);
  assert.deepEqual(
    [world.controller.drills(MODEL).lapse?.attempts, receiver.taken[0]?.title],
    [5, `${MODEL}: its way back is rehearsed no more`],
  );
  await world.controller.startDrill(MODEL, { by: "the schedule" });
  await world.seconds(2);
  await world.controller.faultDrill(MODEL);
  assert.equal((await world.controller.endDrill(MODEL, "the schedule")).lapse, null);
  await drained(world);
  assert.equal(receiver.words().includes("check-resumed"), true);
});

test("a drill that breaks off before its fault is told at once, with what broke it, and is neither missed nor made", async () => {
  const receiver = new FakeReceiver();
  const world = await scheduled(receiver);
  await world.controller.missDrill(MODEL, { because: "KEY is not set" });
  await world.controller.startDrill(MODEL, { by: "the schedule" });
  await world.seconds(2);
  const broken = "the gateway at http://127.0.0.1:9/v1 did not answer a synthetic user";
  const { lapse } = await world.controller.endDrill(MODEL, "the schedule", broken);
  await drained(world);
  assert.deepEqual(receiver.words(), ["drill-failed"]);
  assert.equal(receiver.taken[0]?.text, `it ended before its fault began: ${broken}.`);
  assert.equal(lapse?.attempts, 1, "as it was before");
});

test("what no schedule asks for is refused, and what none asks for any more is forgotten", async () => {
  const receiver = new FakeReceiver();
  const world = await scheduled(receiver);
  const other = { ...WHY, version: "gpt-5.3" };
  await assert.rejects(world.controller.missDriftLook(MODEL, other), { code: "not_scheduled" });
  await daily(world, 4, () => world.controller.missDriftLook(MODEL, WHY));
  await applied(world, { drift: { ...DRIFT, schedule: null } });
  await assert.rejects(world.controller.missDriftLook(MODEL, WHY), { code: "not_scheduled" });
  await assert.rejects(world.controller.missDrill(MODEL, WHY), { code: "not_scheduled" });
  await applied(world, { drift: DRIFT });
  assert.equal(lapseOf(world.controller.drift(MODEL)), null);
});
