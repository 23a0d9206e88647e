// The life of a rollout among gateways, on a clock that the test moves. One row a life: what happens second by
// second, and the journal that it leaves.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Policy } from "@slipway/core";
import { GOOD, type Traffic } from "./fake-gateway.ts";
import {
  documentOf,
  FakeWorld,
  MODEL,
  otherModel,
  POLICY,
  requestOf,
  versionOf,
} from "./fake-world.ts";

const TRAFFIC: Record<string, Traffic> = {
  good: GOOD,
  slow: { ...GOOD, latencyMs: 900 },
  failing: { ...GOOD, errors: 0.2 },
  thin: { ...GOOD, requests: 4 },
  none: { ...GOOD, requests: 0 },
};

// What happens (a kind of traffic and for how many seconds, or a command), the journal without its looks, and the
// reason at the end.
const TABLE = `
  good*40                                   started advance-0 confirmed advance-1 confirmed bake confirmed complete | finished | advances stage by stage and completes
  good*3 slow*12                            started advance-0 confirmed roll-back confirmed drained | finished | is rolled back by latency
  good*3 failing*12                         started advance-0 confirmed roll-back confirmed drained | finished | is rolled back by errors
  good*9 slow*12                            started advance-0 confirmed advance-1 confirmed roll-back confirmed drained | finished | is rolled back from a later stage
  thin*30                                   started advance-0 confirmed | requests | thin data hold
  none*30                                   started advance-0 confirmed | requests | empty data hold
  good*3 pause good*20                      started advance-0 confirmed pause | paused | a pause holds
  good*3 pause slow*12                      started advance-0 confirmed pause roll-back confirmed drained | finished | a guard acts in pause
  good*3 pause good*2 resume good*40        started advance-0 confirmed pause resume confirmed advance-1 confirmed bake confirmed complete | finished | a pause can be resumed
  good*16 slow*14                           started advance-0 confirmed advance-1 confirmed bake confirmed step-back-1 confirmed roll-back confirmed drained | finished | a guard that breaks in bake against the kept baseline steps back, and rolls back there
  good*9 step-back good*9                   started advance-0 confirmed advance-1 confirmed step-back-0 confirmed | paused | an operator steps back, and it stays there
  good*9 step-back good*3 resume good*40    started advance-0 confirmed advance-1 confirmed step-back-0 confirmed resume confirmed advance-1 confirmed bake confirmed complete | finished | goes on from where it stepped back to
  good*2 promote good*2                     started advance-0 confirmed advance-1 confirmed | hold | an operator skips the rest of a stage
  good*2 promote-end good*2                 started advance-0 confirmed bake confirmed | hold | an operator promotes to the end
  good*2 promote-end good*2 promote good*6  started advance-0 confirmed bake confirmed complete | finished | an operator ends the bake
  good*4 rollback good*6                    started advance-0 confirmed roll-back confirmed drained | finished | an operator rolls back
  good*4 revert good*6                      started advance-0 confirmed roll-back confirmed drained | finished | an operator reverts in flight
  rollback good*6                           started roll-back confirmed drained | finished | a rollout is rolled back before its first stage
  good*3 slow*12 good*40                    started advance-0 confirmed roll-back confirmed drained | finished | a finished rollout never moves again
`;

const ROW = /^ {2}(.+?) {2,}(.+?) \| (\S+) \| (.+)$/;

async function happen(world: FakeWorld, step: string): Promise<void> {
  const [kind = "", count] = step.split("*");
  const traffic = TRAFFIC[kind];
  if (traffic !== undefined) await world.seconds(Number(count), traffic);
  else if (kind === "promote-end") await world.command("promote", "end");
  else await world.command(kind as "pause");
}

async function lifeOf(steps: string, policy: Partial<Policy> = {}): Promise<FakeWorld> {
  const world = await new FakeWorld({ policy, gateways: ["edge-1", "edge-2"] }).open();
  await world.start();
  for (const step of steps.trim().split(/ +/)) await happen(world, step);
  return world;
}

for (const line of TABLE.split("\n").filter((text) => text.trim() !== "")) {
  const [, steps = "", story, reason, name = ""] = ROW.exec(line) ?? [];
  test(name, async () => {
    const world = await lifeOf(steps);
    assert.equal(await world.story(), story);
    assert.equal((await world.view()).decision.because.code, reason);
    const verified = await world.controller.verify();
    assert.deepEqual(verified.problems, []);
    assert.ok(verified.replayed > 0);
  });
}

const SEQUENTIAL: Policy["guards"] = [
  {
    id: "p99",
    test: "sequential",
    segment: null,
    weight: 1,
    metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
    comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
    windowMs: 4_000,
    action: "roll-back",
  },
  {
    id: "errors",
    test: "sequential",
    segment: null,
    weight: 1,
    metric: { kind: "events", event: "errors" },
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.05 },
    windowMs: 4_000,
    action: "roll-back",
  },
];

for (const [steps, guard] of [
  ["good*3 slow*12", "p99"],
  ["good*3 failing*20", "errors"],
] as const) {
  test(`sequential guards break on ${steps}, and every look is made again to the same`, async () => {
    const world = await lifeOf(steps, { guards: SEQUENTIAL });
    assert.equal((await world.view()).phase.kind, "rolled-back");
    const moved = (await world.events()).findLast((event) => event.type === "moved");
    assert.equal(moved?.type === "moved" && moved.cause.because.guard, guard);
    const verified = await world.controller.verify();
    assert.deepEqual(verified.problems, []);
    assert.ok(verified.replayed > 0);
  });
}

test("the reason of a rollback names the guard, its measured value and its limit", async () => {
  const world = await lifeOf("good*3 slow*12");
  const moved = (await world.events()).find(
    (event) => event.type === "moved" && event.move.kind === "roll-back",
  );
  assert.ok(moved?.type === "moved" && moved.cause.kind === "evidence");
  assert.equal(moved.cause.because.guard, "p99");
  assert.equal(moved.cause.because.limit, 2);
  assert.ok((moved.cause.because.measured ?? 0) > 4);
  assert.ok(moved.look !== null && moved.look.stateHash.length === 64);
});

test("after completion the candidate is stable, and the old version is kept warm", async () => {
  const world = await lifeOf("good*40");
  const [model] = world.controller.models();
  assert.equal(model?.stable, "gpt-5.3");
  assert.equal(model?.warm?.version, "gpt-5.0");
  assert.equal(world.controller.table().routes[0]?.split, null);
  assert.equal(world.controller.table().routes[0]?.stable.id, "gpt-5.3");
});

test("a revert after completion is a rollout back that moves everybody at once", async () => {
  const world = await lifeOf("good*40");
  const back = await world.command("revert");
  assert.notEqual(back.id, world.rolloutId);
  world.rolloutId = back.id;
  await world.second();
  assert.equal(world.controller.table().routes[0]?.split?.candidateSlots, 10_000);
  assert.equal(world.controller.table().routes[0]?.split?.candidate.id, "gpt-5.0");
  await world.seconds(8);
  assert.equal(await world.story(), "started advance-0 confirmed bake complete");
  assert.equal(world.controller.models()[0]?.stable, "gpt-5.0");
});

test("a version that is no longer warm cannot be reverted to", async () => {
  const world = await lifeOf("good*40", { warmMs: 1_000 });
  await assert.rejects(world.command("revert"), /no longer kept warm/);
});

test("a rollout that a later one has replaced cannot be reverted, but the later one can", async () => {
  const world = await lifeOf("good*40", { warmMs: 600_000 });
  const first = world.rolloutId;
  const policy = { ...POLICY, warmMs: 600_000 };
  const versions = ["gpt-5.0", "gpt-5.3", "gpt-6"].map((id) => versionOf(id));
  await world.controller.apply(requestOf(documentOf({ versions, policy })));
  const next = await world.controller.start({ model: MODEL, to: "gpt-6", by: "ann", reason: "" });
  await world.seconds(40);
  assert.equal(world.controller.models()[0]?.stable, "gpt-6");
  world.rolloutId = first;
  await assert.rejects(
    world.command("revert"),
    /a later rollout has replaced it; start a rollout to gpt-5.0/,
  );
  world.rolloutId = next.id;
  assert.equal((await world.command("revert")).to, "gpt-5.3");
});

test("a model that is gone has nothing to revert to", async () => {
  const world = await lifeOf("good*40");
  await world.controller.apply(requestOf());
  await assert.rejects(world.command("revert"), { status: 404 });
});

test("a revert that arrives just as the rollout is closed finds it", async () => {
  const world = await lifeOf("good*2 promote-end good*2");
  world.clock.advance(250);
  await world.command("promote");
  const isOpen = async (): Promise<boolean> =>
    (await world.store.rollout(world.rolloutId))?.open === true;
  assert.equal(await isOpen(), true);
  world.clock.advance(750);
  for (const gateway of world.gateways) gateway.serve(GOOD);
  for (const gateway of world.gateways) await gateway.report(world.controller);
  const [, back] = await Promise.all([world.controller.tick(), world.command("revert")]);
  assert.equal(await isOpen(), false);
  assert.equal(back.to, "gpt-5.0");
});

test("a rollout is promoted to the end only with a baseline that its guards can act by", async () => {
  const world = await lifeOf("none*2");
  await assert.rejects(world.command("promote", "end"), { status: 409, code: "no_baseline" });
  assert.equal((await world.view()).phase.kind, "stage");
  await world.seconds(2);
  assert.equal((await world.command("promote", "end")).phase.kind, "bake");
});

test("without guards there is nothing that a baseline would serve", async () => {
  const world = await lifeOf("none*2", { guards: [] });
  assert.equal((await world.command("promote", "end")).phase.kind, "bake");
});

test("a rolled-back split leaves the table once every gateway has confirmed", async () => {
  const world = await lifeOf("good*3 slow*12");
  const route = world.controller.table().routes[0];
  assert.equal(route?.split, null);
  assert.equal(route?.stable.id, "gpt-5.0");
  const view = await world.view();
  assert.ok(view.phase.kind === "rolled-back");
  assert.deepEqual(view.phase.expired, []);
  assert.ok(view.phase.confirmMs <= 1_000);
});

test("looks are journaled only when a verdict or the reason to hold changed", async () => {
  const world = await lifeOf("good*3 pause good*20");
  const events = await world.events();
  const lastMove = events.findLastIndex((event) => event.type === "moved");
  assert.ok(events.length - lastMove <= 3, `${events.length - lastMove} entries after the pause`);
});

test("a step-back guard steps back once, and does not step again on the evidence that it stepped on", async () => {
  const guards = POLICY.guards.map((guard) => ({ ...guard, action: "step-back" as const }));
  const stages = [10, 25, 50].map((percent) => ({ percent, holdMs: 6_000, minRequests: 30 }));
  const steps = "good*18 slow*1 good*9";
  const world = await lifeOf(steps, { guards, stages });
  assert.match(await world.story(), /advance-2 confirmed step-back-1 confirmed$/);
});

test("gateways that all fell silent hold the rollout", async () => {
  const stages = [{ percent: 25, holdMs: 12_000, minRequests: 100 }];
  const world = await lifeOf("good*3", {
    stages,
    lease: { durationMs: 60_000, onLapse: "stable" },
  });
  for (const gateway of world.gateways) gateway.isCutOff = true;
  await world.seconds(20);
  assert.equal(await world.story(), "started advance-0 confirmed");
  assert.equal((await world.view()).decision.because.code, "guard");
});

test("a gateway that was lost makes its ticks miss it: they hold the rollout, and then go by", async () => {
  const stages = [{ percent: 25, holdMs: 9_000, minRequests: 100 }];
  const world = await lifeOf("good*2", { stages });
  const [, lost] = world.gateways;
  assert.ok(lost);
  lost.isCutOff = true;
  await world.seconds(8);
  const { decision, gateways } = await world.view();
  assert.equal(decision.kind, "hold");
  assert.match(decision.because.text, /but without edge-2\/0/);
  assert.deepEqual(gateways, { of: 1, confirmed: 1, expired: ["edge-2/0"] });
  await world.seconds(30);
  assert.match(await world.story(), /complete$/);
});

test("two models roll out at the same time without touching each other", async () => {
  const world = await lifeOf("good*2");
  const models = [documentOf(), otherModel("chat", "q")];
  await world.controller.apply(requestOf(...models));
  const second = await world.controller.start({
    model: "chat",
    to: "gpt-5.3",
    by: "ann",
    reason: "too",
  });
  await world.seconds(3);
  assert.equal((await world.controller.rollout(second.id)).phase.kind, "stage");
  await world.command("rollback");
  await world.seconds(6);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  assert.equal((await world.controller.rollout(second.id)).phase.kind, "stage");
  const splits = world.controller.table().routes.map(({ split }) => split?.rolloutId ?? null);
  assert.deepEqual(splits, [second.id, null]);
});
