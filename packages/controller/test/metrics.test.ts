// What Prometheus reads of a controller: of a rollout that goes its way, and of one that is paged for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "@slipway/controller/edge";
import type { ModelDocument } from "@slipway/wire";
import { GOOD } from "./fake-gateway.ts";
import { documentOf, FakeWorld, MODEL, requestOf, versionOf } from "./fake-world.ts";

const APART = [versionOf("gpt-5.0", undefined, "p"), versionOf("gpt-5.3", undefined, "q")];

async function observed(options: ConstructorParameters<typeof FakeWorld>[0] = {}): Promise<{
  world: FakeWorld;
  text: () => Promise<string>;
  value: (series: string) => Promise<number>;
}> {
  const metrics = createMetrics("1.2.3");
  const world = await new FakeWorld({ ...options, observe: metrics.observe }).open();
  metrics.read(() => world.controller.state());
  await world.controller.apply(requestOf(documentOf({ versions: APART })));
  const value = async (series: string): Promise<number> => {
    const lines = (await metrics.text()).split("\n");
    const line = lines.find((one) => one.startsWith(`${series} `));
    return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
  };
  return { world, text: metrics.text, value };
}

test("metrics count decisions, ticks, frames and members, and say what runs", async () => {
  const { world, value } = await observed();
  await world.start();
  await world.seconds(10);
  const info = `slipway_controller_info{version="1.2.3",node="${process.version}"}`;
  assert.equal(await value(info), 1);
  assert.equal(await value('slipway_rollouts{phase="stage"}'), 1);
  assert.equal(
    await value('slipway_decisions_total{decision="advance",code="requirements"}'),
    (await world.story()).split(" ").filter((word) => word === "advance-1").length,
  );
  assert.equal(await value('slipway_ticks_matured_total{evidence="complete"}'), 10);
  assert.equal(await value('slipway_ticks_matured_total{evidence="partial"}'), 0);
  assert.equal(await value('slipway_frames_total{outcome="accepted"}'), 44);
  assert.equal(await value('slipway_members{state="leased"}'), 1);
  assert.equal(await value("slipway_table_number"), world.controller.table().number);
  assert.ok((await value("slipway_look_seconds_count")) >= 40);
  assert.ok((await value("slipway_commit_seconds_count")) >= 40);
  assert.ok((await value("slipway_turn_seconds_count")) >= 40);
  const spent = await value("slipway_controller_cpu_seconds_total");
  assert.ok(spent > 0);
  assert.ok((await value("slipway_controller_cpu_seconds_total")) >= spent);
});

test("a page is open in the metrics for as long as it stands, and counted after it", async () => {
  const { world, value } = await observed();
  const labels = `model="${MODEL}",code="outage"`;
  const open = `slipway_pages_open{${labels},acknowledged="no"}`;
  await world.start();
  await world.seconds(12);
  assert.equal(await value(open), Number.NaN);
  await world.seconds(8, { ...GOOD, errors: 0.5, stableErrors: 0.5 });
  assert.equal(await value(open), 1);
  await world.command("acknowledge");
  assert.equal(await value(open), Number.NaN);
  assert.equal(await value(`slipway_pages_open{${labels},acknowledged="yes"}`), 1);
  await world.seconds(20);
  assert.equal(await value(open), Number.NaN);
  assert.ok((await value('slipway_pages_total{code="outage"}')) >= 1);
});

test("stable is down during a drill: it ends by its fault, and nobody is paged for a rehearsal", async () => {
  const lines: string[] = [];
  const error = (_: object, message: string): void => {
    lines.push(message);
  };
  const { world, text } = await observed({ log: { info: () => {}, warn: () => {}, error } });
  const { drilling } = await world.controller.startDrill(MODEL, { by: "ann" });
  world.rolloutId = drilling?.rollout ?? "";
  await world.seconds(6);
  await world.controller.faultDrill(MODEL);
  await world.seconds(10, { ...GOOD, errors: 0.5, stableErrors: 0.5 });
  const entries = await world.controller.journal(world.rolloutId);
  assert.ok(
    entries.some(({ event }) => event.type === "looked" && event.because.page === true),
    "it would have paged, had there been users",
  );
  assert.doesNotMatch(await text(), /^slipway_(pages|rollouts|decisions)\w*\{/m);
  assert.deepEqual((await world.view()).pages, []);
  assert.deepEqual(lines, []);
});

test("what a schedule asks for and does not happen is in the metrics until it does", async () => {
  const { world, text, value } = await observed();
  const labels = `model="${MODEL}",check="drill"`;
  const drill: NonNullable<ModelDocument["drill"]> = {
    ...{ schedule: "0 5 * * *", gateways: ["http://127.0.0.1:9/v1"], keyEnv: null },
    ...{ detectMsMax: 60_000, confirmMsMax: 30_000 },
  };
  await world.controller.apply(requestOf(documentOf({ versions: APART, drill })));
  assert.doesNotMatch(await text(), /^slipway_check_\w+\{/m);
  const missed = async (days: number): Promise<void> => {
    await world.controller.missDrill(MODEL, { because: "KEY is not set" });
    world.clock.advance(days * 86_400_000);
  };
  await missed(1);
  assert.equal(await value(`slipway_check_lapses{${labels},told="no"}`), 1);
  assert.equal(await value(`slipway_check_lapse_seconds{${labels}}`), 86_400);
  for (let day = 0; day < 3; day++) await missed(1);
  assert.equal(await value(`slipway_check_lapses{${labels},told="yes"}`), 1);
  assert.equal(await value(`slipway_check_lapses{${labels},told="no"}`), Number.NaN);
  await world.controller.apply(requestOf(documentOf({ versions: APART })));
  assert.doesNotMatch(await text(), /^slipway_check_\w+\{/m);
});

test("a commit that fails is counted", async () => {
  const { world, value } = await observed();
  const { commit } = world.store;
  Object.assign(world.store, { commit: () => Promise.reject(new Error("the disk is full")) });
  await assert.rejects(world.start());
  Object.assign(world.store, { commit });
  assert.equal(await value("slipway_commits_failed_total"), 1);
});
