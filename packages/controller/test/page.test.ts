// A page reaches a person: in the view, in the list, in the log at the level of errors; and it is open until it is over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ControllerPorts, readingsOf } from "@slipway/controller";
import type { IncidentSummary } from "@slipway/wire";
import { GOOD, type Traffic } from "./fake-gateway.ts";
import { documentOf, FakeWorld, POLICY, requestOf, sha256, versionOf } from "./fake-world.ts";
import { drained, FakeReceiver, targetOf, worldOf } from "./told-world.ts";

const DOWN: Traffic = { ...GOOD, errors: 0.5, stableErrors: 0.5 };
type LogFields = Parameters<ControllerPorts["log"]["error"]>[0];
type Line = { readonly fields: LogFields; readonly message: string };

async function atSecondStage(pools: readonly [string, string]): Promise<[FakeWorld, Line[]]> {
  const lines: Line[] = [];
  const error = (fields: LogFields, message: string): void => {
    lines.push({ fields, message });
  };
  const world = await new FakeWorld({ log: { info: () => {}, warn: () => {}, error } }).open();
  const [stable, candidate] = pools;
  const versions = [
    versionOf("gpt-5.0", undefined, stable),
    versionOf("gpt-5.3", undefined, candidate),
  ];
  await world.controller.apply(requestOf(documentOf({ versions })));
  await world.start();
  await world.seconds(12);
  assert.match(await world.story(), /advance-1 confirmed$/);
  return [world, lines];
}

async function pageCodes(world: FakeWorld): Promise<readonly string[]> {
  return (await world.view()).pages.map(({ code }) => code);
}

test("an outage of both pages while it lasts, moves nobody, and the rollout completes by itself after it", async () => {
  const [world, lines] = await atSecondStage(["p", "q"]);
  await world.seconds(10, DOWN);
  assert.equal((await world.view()).phase.kind, "stage");
  assert.deepEqual(await pageCodes(world), ["outage"]);
  const [summary] = await world.controller.rollouts(null);
  assert.equal(summary?.pages[0]?.code, "outage");
  assert.equal(summary?.held?.code, "outage");
  assert.equal(lines[0]?.fields["page"], true);
  assert.equal(lines[0]?.fields["rollout"], world.rolloutId);
  assert.match(lines[0]?.message ?? "", /Nobody is moved until stable has recovered/);
  await world.seconds(60);
  assert.deepEqual(await pageCodes(world), []);
  assert.match(await world.story(), /advance-1 confirmed bake confirmed complete$/);
  const [ended] = await world.controller.rollouts(null);
  assert.deepEqual([ended?.phase, ended?.held], ["completed", null]);
  assert.deepEqual((await world.controller.verify()).problems, []);
});

test("on a shared pool it steps back, and the page stays open until an operator moves it on", async () => {
  const [world] = await atSecondStage(["p", "p"]);
  await world.seconds(6, DOWN);
  await world.seconds(20);
  const { phase } = await world.view();
  assert.deepEqual(phase.kind === "paused" && phase.at, 0);
  assert.deepEqual(await pageCodes(world), ["shared-pool"]);
  await world.command("resume");
  assert.deepEqual(await pageCodes(world), []);
  assert.deepEqual((await world.controller.verify()).problems, []);
});

test("an outage that follows a step back does not hide why users were moved", async () => {
  const [world] = await atSecondStage(["p", "p"]);
  await world.seconds(6, DOWN);
  await world.seconds(20);
  await world.seconds(10, DOWN);
  assert.deepEqual(await pageCodes(world), ["outage", "shared-pool"]);
  await world.seconds(60);
  assert.deepEqual(await pageCodes(world), ["shared-pool"]);
});

test("a page that somebody has taken stays open with who, when and why, and is asked again once it is over", async () => {
  const [world, lines] = await atSecondStage(["p", "q"]);
  const { sequence } = await world.view();
  await assert.rejects(world.command("acknowledge"), /no page is open/);
  await world.seconds(6, DOWN);
  const taken = await world.command("acknowledge");
  const [page] = taken.pages;
  assert.equal(page?.code, "outage");
  assert.equal(page?.acknowledged?.by, "bob");
  assert.equal(page?.acknowledged?.atMs, world.clock.wall());
  const journal = await world.controller.journal(world.rolloutId);
  const said = journal.filter(({ event }) => event.type === "acknowledged");
  assert.equal(said.length, 1);
  assert.ok((said[0]?.sequence ?? 0) > sequence);
  await world.restart();
  await world.seconds(4, DOWN);
  const [kept] = (await world.view()).pages;
  assert.deepEqual(kept?.acknowledged, page?.acknowledged);
  assert.equal(lines.length, 1);
  for (let second = 0; (await pageCodes(world)).length > 0; second++) {
    assert.ok(second < 20, "the page stays open");
    await world.second();
  }
  await world.seconds(6, DOWN);
  const [again] = (await world.view()).pages;
  assert.deepEqual([again?.code, again?.acknowledged], ["outage", null]);
  assert.deepEqual((await world.controller.verify()).problems, []);
});

test("who takes the page of a step back has taken no page that opens after it", async () => {
  const [world] = await atSecondStage(["p", "p"]);
  await world.seconds(6, DOWN);
  await world.seconds(20);
  await world.command("acknowledge");
  await world.seconds(10, DOWN);
  const takenBy = (await world.view()).pages.map(({ code, acknowledged }) => [
    code,
    acknowledged?.by ?? null,
  ]);
  assert.deepEqual(takenBy, [
    ["outage", null],
    ["shared-pool", "bob"],
  ]);
});

test("an operator's rollback is obeyed in the middle of an outage", async () => {
  const [world] = await atSecondStage(["p", "q"]);
  await world.seconds(6, DOWN);
  await world.command("rollback");
  await world.seconds(3, DOWN);
  assert.equal((await world.view()).phase.kind, "rolled-back");
});

test("what stable was before a stage survives a restart of the controller", async () => {
  const [world] = await atSecondStage(["p", "q"]);
  await world.restart();
  await world.seconds(6, DOWN);
  assert.deepEqual(await pageCodes(world), ["outage"]);
});

test("stable that refuses requests already is not given everybody at once: mirrors and background give way", async () => {
  const [world] = await atSecondStage(["p", "q"]);
  const { model } = await world.view();
  await world.controller.startMirror(model, { to: "gpt-5.3", share: 0.1, by: "ann", reason: "" });
  assert.notEqual(world.controller.table().routes[0]?.mirror, null);
  for (let second = 0; second < 8 && (await world.view()).phase.kind === "stage"; second++) {
    await world.second({ ...GOOD, stableErrors: 0.3, errors: 0.4 });
  }
  await world.second();
  assert.match(await world.story(), /step-back-0 confirmed$/);
  const [route] = world.controller.table().routes;
  assert.equal(route?.shed, true);
  assert.equal(route?.mirror, null);
  assert.deepEqual(await pageCodes(world), ["strained"]);
  await world.seconds(20);
  await world.command("resume");
  const [after] = world.controller.table().routes;
  assert.equal(after?.shed, undefined);
  assert.equal(after?.mirror?.to.id, "gpt-5.3");
  assert.deepEqual((await world.controller.verify()).problems, []);
});

test("a guard that blocks asks at once, and pages after ten minutes, restart or not; it opens no incident", async () => {
  const receiver = new FakeReceiver();
  const guards = POLICY.guards.map((guard) => ({ ...guard, action: "block" as const }));
  const world = await worldOf(receiver, [targetOf("team")], { policy: { guards } });
  const failing = { ...GOOD, errors: 0.5 };
  await world.start();
  await world.seconds(6);
  await world.seconds(300, failing);
  await world.restart();
  await world.seconds(290, failing);
  assert.deepEqual(await pageCodes(world), []);
  await world.seconds(20, failing);
  assert.deepEqual(await pageCodes(world), ["guard"]);
  await drained(world);
  assert.deepEqual(receiver.words().slice(-2), ["decision-asked", "page-opened"]);
  assert.match(
    receiver.taken.at(-1)?.text ?? "",
    /limit \+5%.*; held for 10 min and more, until a person decides$/,
  );
  const readings = readingsOf(world.store, sha256);
  const incidents = (): Promise<readonly IncidentSummary[]> =>
    readings.incidents({ model: null, rolloutId: world.rolloutId });
  assert.deepEqual(await incidents(), []);
  await world.seconds(30);
  assert.deepEqual(await pageCodes(world), [], "it is closed as soon as nothing blocks");
  await drained(world);
  assert.equal(receiver.words().filter((word) => word === "page-resolved").length, 1);
  await world.seconds(8, failing);
  await world.command("rollback");
  await world.seconds(4);
  assert.deepEqual(
    (await incidents()).map(({ kind }) => kind),
    ["roll-back"],
    "who rolls back for it says that it was harm",
  );
  assert.deepEqual((await world.controller.verify()).problems, []);
});
