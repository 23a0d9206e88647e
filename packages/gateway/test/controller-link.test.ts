// The link to a controller on real sockets: what it sends, and how it comes back.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Acknowledgement, Frame } from "@slipway/wire";
import { controllerLink, type HttpLink, type LinkOptions } from "../src/edge/index.ts";
import { recordingLog, routeOf, tableOf } from "./fixtures.ts";
import { until } from "./live-gateway.ts";
import { type FakeController, fakeController } from "./scripted-upstream.ts";

const FRAME: Frame = {
  member: { incarnation: "incarnation-1", gateway: "g", worker: 1 },
  sequence: 1,
  asOfMs: 0,
  confirmedTable: null,
  storeId: null,
  candidateInFlight: {},
  candidateEndedAtMs: {},
  diverted: [],
  tripped: [],
  mirrored: [],
  rowsDropped: 0,
  rows: [],
  goodbye: false,
};

type Linked = {
  readonly controller: FakeController;
  readonly link: HttpLink;
  readonly log: ReturnType<typeof recordingLog>;
};

async function linkFor(t: TestContext, options: Partial<LinkOptions> = {}): Promise<Linked> {
  const controller = await fakeController(tableOf(1, routeOf()));
  const log = recordingLog();
  const link = controllerLink({ url: controller.url, token: null, log, ...options });
  t.after(() => controller.close());
  t.after(() => link.close());
  return { controller, link, log };
}

function report(link: HttpLink): Promise<Acknowledgement | "refused" | null> {
  return new Promise((resolve) => {
    link.report(FRAME, (ack, why) => resolve(why ?? ack));
  });
}

test("tables arrive as they are published, and none after the end", async (t) => {
  const { controller, link } = await linkFor(t);
  const numbers: number[] = [];
  const stop = link.follow((table) => numbers.push(table.number));
  await until(() => numbers.length === 1);
  controller.publish(tableOf(2, routeOf()));
  await until(() => numbers.length === 2);
  stop();
  controller.publish(tableOf(3, routeOf()));
  await report(link);
  assert.deepEqual(numbers, [1, 2]);
});

test("a stream that says nothing is taken for dead, and opened again", async (t) => {
  const { controller, link } = await linkFor(t, { silenceMsMax: 50 });
  const stop = link.follow(() => {});
  await until(() => controller.streams >= 3);
  stop();
});

test("a table that is not in a table's form ends the stream, and is not followed", async (t) => {
  const { controller, link, log } = await linkFor(t);
  const numbers: number[] = [];
  const stop = link.follow((table) => numbers.push(table.number));
  await until(() => numbers.length === 1);
  controller.publish({ ...tableOf(2), routes: "none" } as never);
  await until(() => log.lines.some((line) => line.message.includes("lost the table stream")));
  controller.publish(tableOf(3, routeOf()));
  await until(() => numbers.includes(3));
  assert.deepEqual(numbers, [1, 3]);
  stop();
});

test("a frame is acknowledged, or not at all when the controller is down", async (t) => {
  const { controller, link } = await linkFor(t);
  const reported = await report(link);
  assert.ok(reported !== null && reported !== "refused");
  assert.deepEqual([reported.sequence, reported.leaseMs], [1, 60_000]);
  assert.deepEqual(controller.frames, [FRAME]);
  controller.isUp = false;
  assert.equal(await report(link), null);
});

test("only a status that the same frame would get again is a refusal of the frame", async (t) => {
  const { controller, link } = await linkFor(t);
  const reported: Record<number, unknown> = {};
  for (const status of [400, 413, 422, 401, 403, 404, 429, 500, 503]) {
    controller.frameStatus = status;
    reported[status] = await report(link);
  }
  const refused = Object.keys(reported).filter((status) => reported[Number(status)] === "refused");
  assert.deepEqual(refused, ["400", "413", "422"]);
  assert.deepEqual(new Set(Object.values(reported)), new Set(["refused", null]));
});

test("the token goes with every call", async (t) => {
  const { controller, link } = await linkFor(t, { token: "secret" });
  const stop = link.follow(() => {});
  await report(link);
  await until(() => controller.authorizations.length === 2);
  assert.deepEqual(new Set(controller.authorizations), new Set(["Bearer secret"]));
  stop();
});
