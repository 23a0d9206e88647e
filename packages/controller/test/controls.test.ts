// Approvals, freezes and observing through a whole controller: what the journal tells of them, and that it verifies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore, verifyJournals } from "@slipway/controller";
import type { FreezeWindow, Policy } from "@slipway/core";
import { type CommandBody, type RolloutView, SlipwayError } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { documentOf, FakeWorld, MODEL, POLICY, requestOf, sha256 } from "./fake-world.ts";

const SLOW = { ...GOOD, latencyMs: 900 };

function asking(approval: NonNullable<Policy["stages"][number]["approval"]>): Partial<Policy> {
  return { stages: POLICY.stages.map((stage, i) => (i === 1 ? { ...stage, approval } : stage)) };
}

async function started(policy: Partial<Policy> = {}): Promise<FakeWorld> {
  const world = await new FakeWorld({ policy }).open();
  await world.start();
  return world;
}

async function refused(code: string, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SlipwayError, `nothing was refused, ${code} was expected`);
  assert.equal(error.code, code);
  return error.message;
}

async function verifies(world: FakeWorld): Promise<void> {
  const result = await verifyJournals(world.store, sha256);
  assert.deepEqual(result.problems, []);
  assert.ok(result.replayed > 0);
}

function given(
  world: FakeWorld,
  command: CommandBody["command"],
  by: string,
): Promise<RolloutView> {
  return world.controller.command(world.rolloutId, { command, by, reason: `${by} says so` });
}

function ordered(
  world: FakeWorld,
  more: { model?: string; untilMs?: number } = {},
): Promise<unknown> {
  return world.controller.startFreeze({ by: "eve", reason: "incident 7", ...more });
}

test("a stage waits for approval, goes on with it, and the journal says whose", async () => {
  const world = await started(asking({ needed: 1, by: ["ann", "bob"] }));
  await world.seconds(14);
  const waiting = await world.view();
  assert.equal(waiting.decision.because.code, "approval");
  assert.deepEqual([waiting.phase.kind, waiting.candidatePercent], ["stage", 25]);
  assert.match(await refused("not_possible", given(world, "approve", "mallory")), /ann or bob/);
  await given(world, "approve", "bob");
  await world.seconds(1);
  assert.equal((await world.view()).candidatePercent, 50);
  const approved = (await world.events()).find(({ type }) => type === "approved");
  assert.ok(approved?.type === "approved");
  assert.deepEqual([approved.by, approved.reason, approved.stage], ["bob", "bob says so", 1]);
  await verifies(world);
});

test("an approval that was given early is withdrawn when the rollout falls back", async () => {
  const policy = asking({ needed: 1, by: [] });
  const [first, second] = policy.stages ?? [];
  assert.ok(first !== undefined && second !== undefined);
  const world = await started({ stages: [{ ...first, percent: 10 }, first, second] });
  await world.seconds(12);
  assert.equal((await world.view()).candidatePercent, 25);
  await given(world, "approve", "ann");
  await given(world, "step-back", "ann");
  await world.seconds(2);
  assert.deepEqual((await world.view()).controls.approvals, []);
  await given(world, "resume", "ann");
  await world.seconds(30);
  assert.equal((await world.view()).decision.because.code, "approval");
  await verifies(world);
});

test("a promotion does not pass an approval by, nor straight to the end", async () => {
  const world = await started(asking({ needed: 1, by: [] }));
  const end = { command: "promote", to: "end", by: "ann", reason: "hurry" } as const;
  assert.match(
    await refused("not_possible", world.controller.command(world.rolloutId, end)),
    /50% needs approval when its turn comes/,
  );
  await world.seconds(2);
  assert.match(await refused("not_possible", world.command("promote")), /50% needs approval first/);
});

test("an ordered freeze holds every model's rollouts until it is ended, and nothing starts", async () => {
  const world = await started();
  await world.seconds(2);
  await ordered(world);
  await world.seconds(20);
  const held = await world.view();
  assert.deepEqual([held.candidatePercent, held.decision.because.code], [25, "frozen"]);
  assert.match(
    held.decision.because.text,
    /^frozen by eve \(incident 7\); it would advance to 50%/,
  );
  await refused("not_possible", world.command("promote"));
  assert.match(await refused("freeze_under_way", ordered(world)), /by eve: incident 7/);
  await world.controller.endFreeze({ by: "bob", reason: "it is over" });
  await world.seconds(2);
  assert.equal((await world.view()).candidatePercent, 50);
  const told = (await world.events()).flatMap((event) =>
    event.type === "froze"
      ? [`froze ${event.freeze.by}`]
      : event.type === "thawed"
        ? [`thawed ${event.ended?.by}`]
        : [],
  );
  assert.deepEqual(told, ["froze eve", "thawed bob"]);
  await verifies(world);
});

test("a frozen rollout that is worse is rolled back all the same, and by command too", async () => {
  const world = await started();
  await world.seconds(4);
  await ordered(world);
  await world.seconds(6, SLOW);
  assert.match(await world.story(), /froze roll-back confirmed/);
  const other = await started();
  await ordered(other);
  await other.command("rollback");
  await other.seconds(1);
  assert.equal((await other.view()).phase.kind, "rolled-back");
});

test("while it is frozen a rollout starts only with an override, and then goes its way", async () => {
  const world = await new FakeWorld().open();
  await ordered(world, { model: MODEL });
  const order = { model: MODEL, to: "gpt-5.3", by: "ann", reason: "better at Rust" };
  assert.match(
    await refused("frozen", world.controller.start(order)),
    /code-assistant is frozen by eve \(incident 7\)/,
  );
  const view = await world.controller.start({ ...order, override: "it mends the incident" });
  world.rolloutId = view.id;
  await world.seconds(9);
  assert.equal((await world.view()).candidatePercent, 50);
  const [first] = await world.events();
  assert.ok(first?.type === "started");
  assert.equal(first.rollout.controls?.freezes[0]?.overridden?.reason, "it mends the incident");
  await verifies(world);
});

test("a rollout under way is let go on by an override, and a new freeze holds it again", async () => {
  const world = await started();
  await world.seconds(2);
  await ordered(world);
  await given(world, "override", "ann");
  await world.seconds(8);
  assert.equal((await world.view()).candidatePercent, 50);
  await ordered(world, { model: MODEL });
  await world.seconds(20);
  assert.equal((await world.view()).phase.kind, "stage");
  assert.equal((await world.view()).decision.because.code, "frozen");
  await verifies(world);
});

test("an order of one model leaves the others alone, and ends when it is told to", async () => {
  const world = await started();
  await world.seconds(2);
  await refused("unknown_model", ordered(world, { model: "no-such" }));
  await refused("freeze_is_over", ordered(world, { untilMs: world.controller.nowMs() }));
  await ordered(world, { model: MODEL, untilMs: world.controller.nowMs() + 20_000 });
  await world.seconds(15);
  assert.equal((await world.view()).candidatePercent, 25);
  await world.seconds(10);
  assert.equal((await world.view()).candidatePercent, 50);
  await refused("no_freeze", world.controller.endFreeze({ model: MODEL, by: "bob", reason: "x" }));
  assert.deepEqual(
    world.controller.freezes().map(({ state, model }) => [state, model]),
    [["over", MODEL]],
  );
});

function always(name: string): FreezeWindow {
  const spans = [{ fromMinute: 0, minutes: 7 * 24 * 60 }];
  return { kind: "weekly", name, reason: "holidays", zone: "Europe/Berlin", spans };
}

test("windows of the configuration hold what is under way too, and let it go when they are removed", async () => {
  const world = await started();
  await world.seconds(2);
  const model = documentOf({ policy: world.policy });
  await world.controller.apply({ ...requestOf(model), freeze: [always("all-year")] });
  await world.seconds(14);
  assert.match((await world.view()).decision.because.text, /by all-year \(holidays\)/);
  await world.controller.apply(requestOf({ ...model, freeze: [always("own")] }));
  await world.seconds(1);
  assert.match((await world.view()).decision.because.text, /by own \(holidays\)/);
  await world.controller.apply(requestOf(model));
  await world.seconds(1);
  assert.equal((await world.view()).candidatePercent, 50);
  await verifies(world);
});

test("freezes outlive the controller", async () => {
  const world = await new FakeWorld({ store: createMemoryStore("store-1") }).open();
  await world.controller.apply({ ...requestOf(documentOf()), freeze: [always("all-year")] });
  await ordered(world);
  await world.restart();
  const names = world.controller.freezes().map(({ name, by }) => [name, by]);
  assert.deepEqual(names.toSorted(), [
    ["all-year", null],
    ["ordered", "eve"],
  ]);
});

test("the way back after completion is never frozen", async () => {
  const world = await started();
  await world.seconds(30);
  assert.equal((await world.view()).phase.kind, "completed");
  await ordered(world);
  const back = await world.command("revert");
  world.rolloutId = back.id;
  await world.seconds(4);
  assert.equal((await world.view()).phase.kind, "completed");
  assert.equal((await world.controller.models())[0]?.stable, "gpt-5.0");
});

test("a rollout that only observes stays where it stands, says what it would do, and obeys commands", async () => {
  const world = await new FakeWorld().open();
  const order = { model: MODEL, to: "gpt-5.3", by: "ann", reason: "to see", observe: true };
  world.rolloutId = (await world.controller.start(order)).id;
  await world.seconds(3);
  assert.equal((await world.view()).decision.because.code, "would-advance");
  assert.equal((await world.view()).candidatePercent, 0);
  await world.command("promote");
  await world.seconds(14);
  assert.equal((await world.view()).candidatePercent, 25);
  await world.seconds(6, SLOW);
  const would = (await world.view()).decision;
  assert.deepEqual([would.kind, would.because.code], ["hold", "would-roll-back"]);
  const codes = (await world.events()).flatMap((event) =>
    event.type === "looked" && event.because.code.startsWith("would-") ? [event.because.code] : [],
  );
  assert.deepEqual([...new Set(codes)], ["would-advance", "would-roll-back"]);
  await given(world, "act", "bob");
  await world.seconds(1, SLOW);
  assert.match(await world.story(), /observed roll-back confirmed/);
  await verifies(world);
});

test("a policy can have its rollouts observe, and one of them be told to act", async () => {
  const world = await started({ mode: "observe" });
  await world.seconds(2);
  assert.equal((await world.view()).phase.kind, "preflight");
  await given(world, "act", "bob");
  await world.seconds(1);
  assert.equal((await world.view()).candidatePercent, 25);
  await given(world, "observe", "bob");
  await world.seconds(14);
  assert.equal((await world.view()).candidatePercent, 25);
});
