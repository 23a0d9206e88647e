// The first public word on an incident, on a clock that the test owns: a person's, Slipway's own, and none where nobody
// felt anything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readingsOf } from "@slipway/controller";
import { MODEL, sha256 } from "./fake-world.ts";
import { MINUTE_MS, SLOW, Story } from "./status-story.ts";

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
  const { sinceMs } = story.page();
  assert.ok(sinceMs > 0);
  story.world.clock.advance(40 * MINUTE_MS);
  await story.world.restart();
  await story.world.controller.communicate();
  assert.equal(story.shown().status, "monitoring");
  assert.equal(story.page().sinceMs, sinceMs);
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
