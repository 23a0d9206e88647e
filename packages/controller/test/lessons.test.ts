// Lessons that bite: what an incident teaches is tried on what was recorded, accepted, in force in the next rollout, and then
// does what it promised.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readingsOf } from "@slipway/controller";
import { type Lesson, lessonId, type RolloutEvent } from "@slipway/core";
import { checklistSchema, doraSchema, type LessonView, lessonViewSchema } from "@slipway/wire";
import { GOOD, type Traffic } from "./fake-gateway.ts";
import { documentOf, FakeWorld, MODEL, requestOf, sha256 } from "./fake-world.ts";

/** The candidate takes a fifth longer every second. */
const slowerBy = (second: number): Traffic => ({ ...GOOD, latencyMs: 200 * (1 + second / 5) });

/** Until it is rolled back; from its start to that decision, in milliseconds. */
async function rolledBackAfter(world: FakeWorld): Promise<number> {
  await world.start();
  await world.seconds(3);
  for (let second = 0; second < 30; second++) {
    await world.second(slowerBy(second));
    if ((await world.view()).phase.kind === "rolled-back") break;
  }
  await world.seconds(6);
  const events = await world.events();
  const back = events.find((event) => event.type === "moved" && event.move.kind === "roll-back");
  assert.ok(back !== undefined && events[0] !== undefined);
  return back.atMs - events[0].atMs;
}

async function opened(): Promise<FakeWorld> {
  return await new FakeWorld().open();
}

async function proposed(world: FakeWorld): Promise<readonly LessonView[]> {
  const readings = readingsOf(world.store, sha256);
  const [incident] = await readings.incidents({ model: null, rolloutId: world.rolloutId });
  assert.ok(incident !== undefined);
  const all = await readings.lessons({ id: incident.id, name: null });
  return all.map((one) => lessonViewSchema.parse(JSON.parse(JSON.stringify(one))));
}

async function accepted(world: FakeWorld, view: LessonView): Promise<Lesson> {
  const { id, model, backtest, name, what, why, change } = view;
  const promised = backtest?.sooner ?? null;
  const proposal = { name, what, why, change };
  const incidentId = id.slice(0, -name.length - 1);
  assert.equal(lessonId(incidentId, name), id);
  const said = { owner: "inference team", reason: "it took too long" };
  return await world.controller.acceptLesson({
    id,
    incidentId,
    model,
    proposal,
    promised,
    ...said,
  });
}

function named(views: readonly LessonView[], name: string): LessonView {
  const found = views.find((one) => one.name === name);
  assert.ok(found !== undefined, views.map((one) => one.name).join(", "));
  return found;
}

function lessonsIn([first]: readonly RolloutEvent[]): readonly string[] {
  return first?.type === "started" ? (first.rollout.policy.lessons ?? []).map(({ id }) => id) : [];
}

test("a model that is taken out takes its lessons along, and whoever takes it out is told", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const [first] = await proposed(world);
  assert.ok(first !== undefined);
  const { id } = await accepted(world, first);
  const { removed, warnings } = await world.controller.apply(requestOf());
  assert.deepEqual(removed, [MODEL]);
  assert.ok(
    warnings.some((text) => text.includes(id)),
    warnings.join(),
  );
  await world.controller.apply(requestOf(documentOf()));
  assert.deepEqual(world.controller.lessons(MODEL), []);
});

test("a lesson that another in force would leave without effect is refused, and taken once that is dropped", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const first = named(await proposed(world), "tighter-p99");
  const { id } = await accepted(world, first);
  const { change } = first;
  assert.ok(change.kind === "guard");
  const guard = { ...change.guard, windowMs: change.guard.windowMs * 2 };
  const later: LessonView = { ...first, id: lessonId("r-9-9", first.name) };
  const graver: LessonView = { ...later, change: { kind: "guard", guard } };
  await assert.rejects(accepted(world, graver), { code: "lesson_takes_place" });
  await world.controller.dropLesson({ model: MODEL, id, by: "ann", reason: "the next is wider" });
  assert.deepEqual((await accepted(world, graver)).change, graver.change);
});

test("two incidents may teach the same", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const first = named(await proposed(world), "tighter-p99");
  await accepted(world, first);
  await accepted(world, { ...first, id: lessonId("r-9-9", first.name) });
  assert.equal(world.controller.lessons(MODEL).length, 2);
});

test("an accepted lesson stops the same harm sooner, by what its backtest promised", async () => {
  const world = await opened();
  const before = await rolledBackAfter(world);
  const view = named(await proposed(world), "tighter-p99");
  const { promised, id } = await accepted(world, view);
  assert.ok(promised !== null && promised.ms > 0, view.backtest?.text);
  const after = await rolledBackAfter(world);
  const sooner = before - after;
  assert.ok(sooner > 0, `${before} ms before, ${after} ms after`);
  assert.ok(
    sooner >= promised.leastMs && sooner <= promised.mostMs,
    `${sooner}: ${view.backtest?.text}`,
  );
  const events = await world.events();
  const back = events.find((event) => event.type === "moved" && event.move.kind === "roll-back");
  assert.equal(back?.type === "moved" ? back.cause.because.guard : null, "tighter-p99");
  assert.deepEqual(lessonsIn(events), [id]);
});

test("a stage more lets fewer requests meet the harm, as its backtest says", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const view = named(await proposed(world), "stage-35");
  const { requests } = view.backtest ?? assert.fail(view.untried ?? "no backtest");
  assert.ok(requests.tried < requests.real, view.backtest?.text);
  await accepted(world, view);
  await rolledBackAfter(world);
  assert.deepEqual(
    (await world.view()).policy.stages.map(({ percent }) => percent),
    [25, 35, 50],
  );
});

test("what it would have cost is told by the rollouts that completed", async () => {
  const world = await opened();
  await world.start();
  await world.seconds(60);
  assert.equal((await world.view()).phase.kind, "completed");
  await world.command("revert");
  await world.seconds(10);
  await rolledBackAfter(world);
  const { backtest } = named(await proposed(world), "tighter-p99");
  assert.deepEqual(backtest?.others.completed.n, 1);
  assert.equal(backtest?.others.completed.rolledBack, 0);
});

test("the checklist says whose a lesson is and what it caught, also after a restart", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const lesson = await accepted(world, named(await proposed(world), "tighter-p99"));
  await rolledBackAfter(world);
  await world.restart();
  const lessons = world.controller.lessons(MODEL);
  const found = await readingsOf(world.store, sha256).checklist({ model: MODEL, lessons });
  const [item, ...others] = checklistSchema.parse(JSON.parse(JSON.stringify(found))).items;
  assert.ok(item !== undefined && others.length === 0);
  assert.deepEqual(item.lesson, lesson);
  assert.equal(item.rollouts, 1);
  assert.deepEqual(
    item.caught.map(({ rolloutId }) => rolloutId),
    [world.rolloutId],
  );
});

test("a plan is of the policy with the lessons in force", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const { id } = await accepted(world, named(await proposed(world), "tighter-p99"));
  const ask = world.controller.planning(MODEL, "gpt-5.3");
  const request = { to: "gpt-5.3", requestsPerMinute: 1_000, errorRate: 0.01 };
  const plan = await readingsOf(world.store, sha256).plan({ ...ask, request });
  assert.deepEqual(
    plan.lessons?.map((one) => one.id),
    [id],
  );
  assert.ok(plan.stages[0]?.guards.some(({ guard }) => guard === "tighter-p99"));
});

test("a rollout is explained with the lessons that it started with", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const { id, reason } = await accepted(world, named(await proposed(world), "tighter-p99"));
  await rolledBackAfter(world);
  const ask = { rolloutId: world.rolloutId, atMs: null, nowMs: world.clock.wall() };
  const { lessons } = await readingsOf(world.store, sha256).explain(ask);
  assert.deepEqual(
    lessons?.map((one) => [one.id, one.reason]),
    [[id, reason]],
  );
});

test("a rollout does not start without a gate that was learnt", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  await accepted(world, named(await proposed(world), "gate-load"));
  await assert.rejects(world.start(), /load/);
});

test("the checklist tells of the candidates that a lesson's gate kept from starting, each once", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const { id } = await accepted(world, named(await proposed(world), "gate-load"));
  const known = documentOf();
  const seen = (version: string) => ({
    version,
    fingerprint: known.versions.find((one) => one.id === version)?.fingerprint ?? "",
  });
  const because = "it falls behind at 60/s (learnt from r-1-6)";
  const result = { gate: "load", outcome: "fail", because, figures: [], details: null } as const;
  const found = { ...result, lessons: [{ id, holds: false, because }] };
  for (let run = 0; run < 2; run++) {
    await world.controller.keepEvidence(MODEL, {
      ...{ from: seen("gpt-5.0"), to: seen("gpt-5.3"), by: "ann", slipwayVersion: "1" },
      gates: [{ result: found, grade: "A", settings: null }],
      endedAtMs: world.clock.wall(),
    });
  }
  await world.restart();
  const lessons = world.controller.lessons(MODEL);
  const { items } = await readingsOf(world.store, sha256).checklist({ model: MODEL, lessons });
  assert.deepEqual(
    items[0]?.caught.map(({ rolloutId, version, text }) => [rolloutId, version, text]),
    [[null, "gpt-5.3", because]],
  );
  await assert.rejects(world.start(), /load failed: it falls behind/);
});

test("a dropped lesson is in no later rollout, and on the checklist all the same", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const { id } = await accepted(world, named(await proposed(world), "tighter-p99"));
  const dropping = { model: MODEL, id, by: "bob", reason: "the policy has it now" };
  await world.controller.dropLesson(dropping);
  await world.start();
  assert.deepEqual(lessonsIn(await world.events()), []);
  assert.equal(world.controller.lessons(MODEL)[0]?.dropped?.by, "bob");
  await assert.rejects(world.controller.dropLesson(dropping), { code: "unknown_lesson" });
});

test("of lessons that were dropped the newest 50 are kept, and of those in force all", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const first = named(await proposed(world), "tighter-p99");
  for (let incident = 0; incident < 52; incident++) {
    const view = { ...first, id: lessonId(`r-9-${incident}`, first.name) };
    const { id } = await accepted(world, view);
    if (incident === 0) continue;
    world.clock.advance(1_000);
    await world.controller.dropLesson({ model: MODEL, id, by: "ann", reason: "no longer" });
  }
  const kept = world.controller.lessons(MODEL).map(({ incidentId }) => incidentId);
  assert.equal(kept.length, 51);
  assert.deepEqual(kept.slice(0, 2), ["r-9-0", "r-9-2"]);
});

test("a lesson is in force once", async () => {
  const world = await opened();
  await rolledBackAfter(world);
  const view = named(await proposed(world), "tighter-p99");
  await accepted(world, view);
  await assert.rejects(accepted(world, view), { code: "lesson_in_force" });
});

test("DORA's figures count a rollout that was rolled back as a change that failed", async () => {
  const world = await opened();
  await world.start();
  await world.seconds(60);
  await world.command("revert");
  await world.seconds(10);
  await rolledBackAfter(world);
  const dora = doraSchema.parse(await readingsOf(world.store, sha256).dora({ model: MODEL }));
  assert.deepEqual([dora.changes, dora.failed, dora.failureRate], [2, 1, 0.5]);
  assert.ok(dora.recover !== null && dora.recover.n === 1);
  assert.equal(dora.perWeek, null);
});
