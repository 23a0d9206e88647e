// Incidents of real journals: a rollout that was rolled back has one, with figures that are those of the traffic.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readingsOf } from "@slipway/controller";
import type { Incident } from "@slipway/core";
import { type IncidentSummary, incidentSchema, incidentSummarySchema } from "@slipway/wire";
import { GOOD, type Traffic } from "./fake-gateway.ts";
import { FakeWorld, MODEL, sha256 } from "./fake-world.ts";

const SLOW = { ...GOOD, latencyMs: 900 };
const FAILING = { ...GOOD, errors: 0.4 };

async function rolledBack(traffic: Traffic): Promise<FakeWorld> {
  const world = await new FakeWorld().open();
  await world.start();
  await world.seconds(4);
  await world.seconds(10, traffic);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  return world;
}

async function listed(
  world: FakeWorld,
  model: string | null = null,
  rolloutId: string | null = null,
): Promise<readonly IncidentSummary[]> {
  const all = await readingsOf(world.store, sha256).incidents({ model, rolloutId });
  return all.map((one) => incidentSummarySchema.parse(JSON.parse(JSON.stringify(one))));
}

async function shown(world: FakeWorld, id: string): Promise<Incident> {
  const incident = await readingsOf(world.store, sha256).incident({ id });
  return incidentSchema.parse(JSON.parse(JSON.stringify(incident)));
}

async function only(world: FakeWorld): Promise<Incident> {
  const [summary, ...others] = await listed(world);
  assert.ok(summary !== undefined && others.length === 0);
  const incident = await shown(world, summary.id);
  const { id, severity, status } = incident;
  assert.deepEqual([summary.id, summary.severity, summary.status], [id, severity, status]);
  return incident;
}

test("a rollout that was rolled back has left an incident, mitigated when it was confirmed", async () => {
  const world = await rolledBack(SLOW);
  const incident = await only(world);
  const events = await world.events();
  const moved = events.findIndex((e) => e.type === "moved" && e.move.kind === "roll-back");
  assert.equal(incident.id, `${world.rolloutId}-${moved + 1}`);
  assert.equal(incident.openedAtMs, events[moved]?.atMs);
  const confirmed = events.slice(moved).find(({ type }) => type === "confirmed");
  assert.equal(incident.mitigated?.atMs, confirmed?.atMs);
  assert.equal(incident.opening.because.guard, "p99");
});

test("its impact is the traffic from the first slow second on, and all of it was too slow", async () => {
  const { impact, began, trigger } = await only(await rolledBack(SLOW));
  const { candidate, stable } = impact;
  assert.ok(began !== null && trigger !== null && began.atMs > trigger.atMs);
  // A quarter of 400 requests a second, as long as it lasted.
  assert.equal(candidate.requests, (candidate.exposedMs / 1_000) * 100);
  assert.equal(candidate.slow, candidate.requests);
  assert.equal(candidate.beyond?.harmed, candidate.requests);
  assert.equal(stable.failed, 0);
  assert.equal(impact.slowerThanMs !== null && impact.slowerThanMs > 390, true);
});

test("failures that users saw are told, and are those beyond stable's", async () => {
  const { impact, severity } = await only(await rolledBack(FAILING));
  assert.equal(impact.candidate.failed, impact.candidate.requests * 0.4);
  assert.equal(impact.candidate.beyond?.failed, impact.candidate.failed);
  assert.ok(severity === "minor" || severity === "major");
});

test("it is the same after a restart, and is not changed by what comes later", async () => {
  const world = await rolledBack(SLOW);
  const before = await only(world);
  await world.restart();
  await world.seconds(5);
  assert.deepEqual(await only(world), before);
});

test("a rollout that completed has none, an operator's rollback has one", async () => {
  const world = await new FakeWorld().open();
  await world.start();
  await world.seconds(40);
  assert.equal((await world.view()).phase.kind, "completed");
  assert.deepEqual(await listed(world), []);
  const other = await new FakeWorld().open();
  await other.start();
  await other.seconds(5);
  await other.command("rollback");
  await other.seconds(4);
  const { opening, severity, timeline } = await only(other);
  assert.equal(opening.by, "bob");
  assert.equal(severity, "none");
  assert.equal(timeline.findLast(({ by }) => by !== null)?.by, "bob");
});

test("a list is of one model, or of one rollout; what is not there is refused", async () => {
  const world = await rolledBack(SLOW);
  assert.equal((await listed(world, MODEL)).length, 1);
  assert.equal((await listed(world, "other")).length, 0);
  assert.equal((await listed(world, null, world.rolloutId)).length, 1);
  await assert.rejects(listed(world, null, "nowhere"), { code: "unknown_rollout" });
  for (const id of ["nowhere", "nowhere-3", `${world.rolloutId}-1`]) {
    await assert.rejects(shown(world, id), { code: "unknown_incident" });
  }
});
