// The first public word on an incident, on a clock that the test owns: a person's, Slipway's own, and none where nobody
// felt anything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createMemoryStore, readingsOf, type Store } from "@slipway/controller";
import type { Incident, PageIncident, StatusPage } from "@slipway/core";
import {
  type IncidentActRequest,
  type IncidentRemarksView,
  incidentRemarksViewSchema,
  statusPageSchema,
} from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, MODEL, sha256, type WorldOptions } from "./fake-world.ts";

const SLOW = { ...GOOD, latencyMs: 900 };
const MINUTE_MS = 60_000;

class Story {
  readonly world: FakeWorld;
  readonly published: StatusPage[] = [];

  constructor(options: WorldOptions = {}) {
    this.world = new FakeWorld({
      ...options,
      publish: (page) => {
        this.published.push(statusPageSchema.parse(JSON.parse(JSON.stringify(page))));
        return Promise.resolve();
      },
    });
  }

  async rolledBack(traffic = SLOW): Promise<this> {
    await this.world.open();
    await this.world.start();
    await this.world.seconds(4);
    await this.world.seconds(10, traffic);
    assert.equal((await this.world.view()).phase.kind, "rolled-back");
    await this.world.controller.communicate();
    return this;
  }

  /** A look each ten seconds, as in life. */
  async wait(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 10_000) {
      this.world.clock.advance(Math.min(10_000, ms - passedMs));
      await this.world.controller.communicate();
    }
  }

  async incident(): Promise<Incident> {
    const readings = readingsOf(this.world.store, sha256);
    const [summary] = await readings.incidents({ model: null, rolloutId: null });
    assert.ok(summary !== undefined);
    return await readings.incident({ id: summary.id });
  }

  async remarks(): Promise<IncidentRemarksView> {
    const view = await this.world.controller.incidentRemarks(await this.incident());
    return incidentRemarksViewSchema.parse(JSON.parse(JSON.stringify(view)));
  }

  async said(): Promise<string> {
    const { remarks } = await this.remarks();
    return remarks
      .map(({ act, by }) => {
        const what = act.type === "posted" ? `posted-${act.update.status}` : act.type;
        return by === null ? what : `${by}:${what}`;
      })
      .join(" ");
  }

  async says(act: IncidentActRequest["act"], by = "ann", reason = "users ask"): Promise<void> {
    await this.world.controller.actOnIncident(await this.incident(), { by, reason, act });
    await this.world.controller.communicate();
  }

  page(): StatusPage {
    const page = this.published.at(-1);
    assert.ok(page !== undefined);
    return page;
  }

  shown(): PageIncident {
    const [incident, ...others] = this.page().incidents;
    assert.ok(incident !== undefined && others.length === 0);
    return incident;
  }
}

test("an incident that users felt has a draft at once, and nothing of it is public", async () => {
  const story = await new Story().rolledBack();
  assert.equal(await story.said(), "opened mitigated drafted");
  assert.deepEqual(story.page().incidents, []);
  assert.equal(story.page().indicator, "none");
  const { publication, draft } = await story.remarks();
  assert.equal(publication.isFelt, true);
  assert.equal(publication.isInTime, null);
  assert.equal(draft.status, "monitoring");
});

test("nobody posts: Slipway does at its minute, in time, and calls it resolved later", async () => {
  const story = await new Story().rolledBack();
  const { publication } = await story.remarks();
  await story.wait(9 * MINUTE_MS);
  assert.deepEqual(story.page().incidents, []);
  await story.wait(2 * MINUTE_MS);
  const shown = story.shown();
  assert.equal(shown.status, "monitoring");
  assert.ok(shown.firstPublishedAtMs >= publication.autoAtMs);
  assert.ok(shown.firstPublishedAtMs <= publication.autoAtMs + 20_000);
  assert.equal((await story.remarks()).publication.isInTime, true);
  await story.wait(30 * MINUTE_MS);
  assert.equal(story.shown().status, "resolved");
  assert.equal(await story.said(), "opened mitigated drafted posted-monitoring posted-resolved");
});

test("a person posts first: Slipway adds nothing to what people look after", async () => {
  const story = await new Story().rolledBack();
  await story.wait(3 * MINUTE_MS);
  await story.says({ type: "post", text: "Completions were slow. They are fast again." });
  await story.wait(60 * MINUTE_MS);
  assert.equal(await story.said(), "opened mitigated drafted ann:posted-monitoring");
  const shown = story.shown();
  assert.equal(shown.updates[0]?.text, "Completions were slow. They are fast again.");
  const { publication } = await story.remarks();
  assert.deepEqual([publication.firstPostedBy, publication.isInTime], ["ann", true]);
  assert.equal(shown.nextUpdate?.isOverdue, true);
});

test("a controller that was down over the deadline posts when it is back, and the record says too late", async () => {
  const story = await new Story().rolledBack();
  story.world.clock.advance(40 * MINUTE_MS);
  await story.world.restart();
  await story.world.controller.communicate();
  assert.equal(story.shown().status, "monitoring");
  const { publication } = await story.remarks();
  assert.deepEqual([publication.isInTime, publication.firstPostedBy], [false, null]);
});

test("a controller that first sees an incident days later leaves it to people", async () => {
  const story = new Story();
  await story.world.open();
  await story.world.start();
  await story.world.seconds(4);
  await story.world.seconds(10, SLOW);
  story.world.clock.advance(3 * 24 * 60 * MINUTE_MS);
  await story.world.restart();
  await story.world.controller.communicate();
  assert.deepEqual((await story.remarks()).remarks, []);
  await story.says({ type: "noted", text: "found while cleaning up", visibility: "internal" });
  assert.equal(await story.said(), "opened ann:noted");
});

test("an incident that no user felt is recorded, and never becomes public by itself", async () => {
  const story = new Story();
  await story.world.open();
  await story.world.start();
  await story.world.seconds(5);
  await story.world.command("rollback");
  await story.world.seconds(4);
  await story.wait(20 * MINUTE_MS);
  assert.equal(await story.said(), "opened mitigated");
  assert.deepEqual(story.page().incidents, []);
  const { publication } = await story.remarks();
  assert.deepEqual([publication.isFelt, publication.isInTime], [false, null]);
});

test("two incidents at once have a clock each, and the page shows both", async () => {
  const story = new Story();
  const { world } = story;
  await world.open();
  await world.start();
  await world.seconds(4);
  await world.seconds(10, SLOW);
  await story.wait(4 * MINUTE_MS);
  await world.start();
  await world.seconds(4);
  await world.seconds(10, SLOW);
  await story.wait(7 * MINUTE_MS);
  assert.equal(story.page().incidents.length, 1);
  await story.wait(4 * MINUTE_MS);
  const { incidents, components } = story.page();
  assert.equal(incidents.length, 2);
  assert.deepEqual(
    incidents.map(({ components: [id] }) => id),
    [MODEL, MODEL],
  );
  assert.deepEqual(
    components.map(({ id, status }) => [id, status]),
    [[MODEL, "operational"]],
  );
  for (const { firstPublishedAtMs, publishDeadlineAtMs } of incidents) {
    assert.ok(firstPublishedAtMs <= publishDeadlineAtMs);
  }
});

test("what was posted outlives the controller, and is posted once", async () => {
  const story = await new Story().rolledBack();
  await story.wait(11 * MINUTE_MS);
  const before = story.shown();
  await story.world.restart();
  await story.world.controller.communicate();
  assert.deepEqual(story.shown(), before);
});

test("a remark that was changed in the store is found by verifying", async () => {
  const story = await new Story().rolledBack();
  await story.says({ type: "noted", text: "slow since the deploy", visibility: "internal" });
  const { store } = story.world;
  assert.deepEqual((await readingsOf(store, sha256).verify()).problems, []);
  const forged: typeof store = {
    ...store,
    latestRemarks: async (subjectsMax) =>
      (await store.latestRemarks(subjectsMax)).map((remark) => ({
        ...remark,
        text: remark.text.replace("slow since", "fast since"),
      })),
  };
  const { ok, problems } = await readingsOf(forged, sha256).verify();
  assert.equal(ok, false);
  assert.deepEqual(
    problems.map(({ sequence, problem }) => [sequence, problem]),
    [[4, "remark 4 does not follow from the one before it"]],
  );
});

test("curation hides and never deletes, and an entry that there is not is refused", async () => {
  const story = await new Story().rolledBack();
  const [first] = (await story.incident()).timeline;
  const entry = `j${(await story.incident()).timeline.find(({ sequence }) => sequence !== null)?.sequence}`;
  assert.ok(first !== undefined);
  await story.says({ type: "marked", entry, mark: "hidden" }, "ann", "noise");
  await story.says({ type: "annotated", entry, text: "this was the deploy" });
  const { remarks } = await story.remarks();
  assert.deepEqual(
    remarks.slice(-2).map(({ by, act }) => [by, act.type]),
    [
      ["ann", "marked"],
      ["ann", "annotated"],
    ],
  );
  await assert.rejects(story.says({ type: "marked", entry: "j999", mark: "pinned" }), {
    code: "unknown_entry",
  });
  const strange = [{ id: "nowhere", status: "major_outage" as const }];
  await assert.rejects(story.says({ type: "post", components: strange }), {
    code: "unknown_component",
  });
});

test("internal notes stay inside whatever is told of the cause; public ones come with all of it", async () => {
  const story = await new Story().rolledBack();
  await story.says({ type: "noted", text: "SECRET", visibility: "internal" });
  await story.says({ type: "noted", text: "the new version was slow", visibility: "public" });
  await story.says({ type: "post" });
  assert.equal(story.shown().cause, null);
  await story.says({ type: "disclosed", cause: "measures" });
  assert.deepEqual(story.shown().cause?.notes, []);
  assert.equal(story.shown().cause?.finding, null);
  await story.says({ type: "disclosed", cause: "full" });
  assert.deepEqual(
    story.shown().cause?.notes.map(({ text }) => text),
    ["the new version was slow"],
  );
  assert.match(story.shown().cause?.finding ?? "", /P99/);
  assert.doesNotMatch(JSON.stringify(story.published), /SECRET|ann/);
});

test("announced maintenance begins and ends by the clock, and shows on its component", async () => {
  const story = new Story();
  await story.world.open();
  const { clock, controller } = story.world;
  const fromMs = clock.wall() + 5 * MINUTE_MS;
  await controller.announceMaintenance({
    title: "New disks",
    text: "",
    components: [MODEL],
    fromMs,
    untilMs: fromMs + 5 * MINUTE_MS,
    by: "ann",
  });
  const seen = async (): Promise<readonly unknown[]> => {
    await controller.communicate();
    const { maintenances, components, indicator } = story.page();
    return [maintenances[0]?.status, components[0]?.status, indicator];
  };
  await assert.rejects(
    controller.announceMaintenance({
      ...{ title: "New disks", text: "", components: ["nowhere"], by: "ann" },
      ...{ fromMs, untilMs: fromMs + MINUTE_MS },
    }),
    { code: "unknown_component" },
  );
  assert.deepEqual(await seen(), ["scheduled", "operational", "none"]);
  clock.advance(6 * MINUTE_MS);
  assert.deepEqual(await seen(), ["in_progress", "under_maintenance", "maintenance"]);
  clock.advance(5 * MINUTE_MS);
  assert.deepEqual(await seen(), ["completed", "operational", "none"]);
  const id = story.page().maintenances[0]?.id ?? "";
  await assert.rejects(controller.endMaintenance(id, { by: "ann", reason: "done" }), {
    code: "maintenance_is_over",
  });
});

/** A store whose journals cannot be read once `isBroken`. */
class BrokenStore {
  isBroken = false;
  readings = 0;
  readonly store: Store;

  constructor() {
    const store = createMemoryStore("store-1");
    this.store = {
      ...store,
      rollouts: async (model, limit) => {
        this.readings++;
        if (this.isBroken) throw new Error("the disk is gone");
        return await store.rollouts(model, limit);
      },
    };
  }
}

test("where incidents cannot be read, what a person posted is published all the same", async () => {
  const broken = new BrokenStore();
  const story = await new Story({ store: broken.store }).rolledBack();
  const incident = await story.incident();
  const act = { type: "post" as const, text: "We know, and are on it." };
  await story.world.controller.actOnIncident(incident, { by: "ann", reason: "", act });
  broken.isBroken = true;
  await assert.rejects(story.world.controller.communicate(), /the disk is gone/);
  assert.equal(story.shown().updates[0]?.text, "We know, and are on it.");
});

test("what could not be read is not read again at every look", async () => {
  const broken = new BrokenStore();
  const story = await new Story({ store: broken.store }).rolledBack();
  broken.isBroken = true;
  broken.readings = 0;
  const cancel = story.world.controller.run(3_600_000);
  for (let second = 0; second < 30; second++) {
    story.world.clock.advance(1_000);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  }
  cancel();
  assert.ok(broken.readings >= 2 && broken.readings <= 4, String(broken.readings));
});

test("what an earlier controller posted is closed by the next, however long nobody was there", async () => {
  const story = await new Story().rolledBack();
  await story.wait(11 * MINUTE_MS);
  assert.equal(story.shown().status, "monitoring");
  story.world.clock.advance(3 * 24 * 60 * MINUTE_MS);
  await story.world.restart();
  await story.world.controller.communicate();
  assert.equal(story.shown().status, "resolved");
});

test("an incident that is going on is found behind however many newer rollouts", async () => {
  const story = await new Story().rolledBack();
  const { id } = await story.incident();
  const busy: Store = { ...story.world.store, rollouts: () => Promise.resolve([]) };
  const ask = { sinceMs: story.world.clock.wall(), ids: [id] };
  const { incidents } = await readingsOf(busy, sha256).recentIncidents(ask);
  assert.deepEqual(
    incidents.map((one) => one.id),
    [id],
  );
});

test("a controller that knows it has lost the lead writes nobody's page over", async () => {
  const story = await new Story().rolledBack();
  const deposed = story.world.controller;
  await story.world.restart();
  const from = story.world.clock.wall() + MINUTE_MS;
  const maintenance = { title: "Disks", text: "", components: [], by: "ann" };
  await assert.rejects(
    deposed.announceMaintenance({ ...maintenance, fromMs: from, untilMs: from + MINUTE_MS }),
    { code: "deposed" },
  );
  const before = story.published.length;
  await assert.rejects(deposed.communicate(), { code: "deposed" });
  assert.equal(story.published.length, before);
});

test("a person's estimate stands until it is taken back", async () => {
  const story = new Story();
  await story.world.open();
  await story.world.start();
  await story.world.seconds(4);
  await story.world.command("observe");
  await story.world.seconds(10, SLOW);
  const minutes = { low: 10 * MINUTE_MS, high: 30 * MINUTE_MS };
  await story.says({ type: "post", overInMs: minutes });
  assert.equal(story.shown().estimate?.basis, "manual");
  await story.says({ type: "post", text: "Still at it." });
  assert.equal(story.shown().estimate?.basis, "manual");
  await story.says({ type: "post", overInMs: null });
  assert.equal(story.shown().estimate, null);
});
