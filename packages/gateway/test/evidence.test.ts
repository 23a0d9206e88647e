// Rows, horizons, frames and the lease that their acknowledgements renew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type EvidenceRow, mergeRowInto, rowKeyText, SLOTS } from "@slipway/core";
import { type Frame, frameSchema } from "@slipway/wire";
import fc from "fast-check";
import { ControllerTime } from "../src/evidence/controller-time.ts";
import { Spool } from "../src/evidence/spool.ts";
import { Lease } from "../src/table/lease.ts";
import { bytes, ManualClock, routeOf, splitOf, tableOf } from "./fixtures.ts";
import { chat, FakeExchange, STREAM_TYPE, World } from "./virtual-world.ts";

const SPLIT = splitOf(SLOTS);
const TABLE = tableOf(1, routeOf({ split: SPLIT }));

function mergedRows(frames: readonly Frame[]): readonly EvidenceRow[] {
  const rows = new Map<string, EvidenceRow>();
  for (const row of frames.flatMap((frame) => frame.rows)) {
    const known = rows.get(rowKeyText(row));
    if (known === undefined) rows.set(rowKeyText(row), structuredClone(row));
    else mergeRowInto(known, row);
  }
  return [...rows.values()];
}

const framesOf = (world: World): readonly Frame[] => world.link.frames.map(({ frame }) => frame);

test("a request counts in the tick it arrived in, however long it takes", () => {
  const world = World.leased(TABLE);
  const tick = Math.floor(world.clock.wall() / 1_000);
  world.ask(chat("ann"));
  world.pass(5_500);
  world.lastCall.answer();
  world.pass(1_000);
  const [row, ...others] = mergedRows(framesOf(world));
  assert.deepEqual(others, []);
  assert.equal(row?.tick, tick);
  assert.deepEqual([row?.arrivals, row?.judged, row?.outcomes], [1, 1, { ok: 1 }]);
  assert.deepEqual(row?.tokens, { input: 5, cached: 0, output: 3 });
  assert.equal(row?.inFlightMs, 5_500);
  assert.deepEqual(row?.replicas, {
    "candidate-1": {
      ...{ arrivals: 1, bad: 0, counted: 1, read: 1, mishaps: { empty: 1 } },
      // More than 4.1 seconds, and 8.2 at most.
      pace: { total: { 13: 1 }, ttft: {}, tpot: {} },
    },
  });
  assert.deepEqual(Object.keys(row?.buckets.pace.total ?? {}), ["13"]);
});

test("what is open at its horizon is overdue, counts over every limit, and is judged once", () => {
  const evidence = { tickMs: 1_000, horizonMs: 3_000, segments: [] };
  const world = World.leased(tableOf(1, routeOf({ split: SPLIT, evidence })));
  const exchange = world.ask(chat("ann", { stream: true }));
  world.pass(4_000);
  world.lastCall.sink.onHead(200, STREAM_TYPE);
  world.lastCall.sink.onData(bytes('data: {"choices":[]}\n\ndata: [DONE]\n\n'));
  world.lastCall.sink.onEnd();
  assert.equal(exchange.isEnded, true, "it goes on being served");
  world.pass(1_000);
  const [row] = mergedRows(framesOf(world));
  assert.deepEqual([row?.arrivals, row?.judged, row?.outcomes], [1, 1, { overdue: 1 }]);
  const { total, ttft, tpot } = row?.latency ?? {};
  assert.deepEqual([total?.over, ttft?.over, tpot?.over], [1, 1, 1]);
  assert.deepEqual(row?.replicas["candidate-1"]?.pace.total, { never: 1 });
});

test("what fails is kept with the size of its request, the first eight of a row", () => {
  const world = World.leased(tableOf(1, routeOf({ split: splitOf(0) })));
  for (let failed = 1; failed <= 10; failed++) {
    world.ask(chat("ann", { user: "x".repeat(400 * failed) }));
    world.lastCall.answer(500, "{}");
  }
  world.ask(chat("ann"));
  world.lastCall.answer();
  world.pass(2_000);
  const [row] = mergedRows(framesOf(world));
  assert.deepEqual(row?.outcomes, { server_error: 10, ok: 1 });
  assert.deepEqual(
    row?.failed.map(({ outcome, estimatedTokens }) => [outcome, Math.round(estimatedTokens / 100)]),
    [1, 2, 3, 4, 5, 6, 7, 8].map((hundreds) => ["server_error", hundreds]),
  );
  assert.deepEqual(
    row?.samples.map(({ estimatedTokens }) => estimatedTokens < 100),
    [true],
  );
});

test("a frame that covers a horizon has judged everything before it", () => {
  const evidence = { tickMs: 100, horizonMs: 1_000, segments: [] };
  const world = World.leased(tableOf(1, routeOf({ split: SPLIT, evidence })));
  for (let i = 0; i < 60; i++) {
    world.ask(chat(`user-${i}`));
    world.pass(70);
  }
  const frames = framesOf(world);
  for (const [index, frame] of frames.entries()) {
    const rows = mergedRows(frames.slice(0, index + 1));
    const due = rows.filter((row) => (row.tick + 1) * 100 + 1_000 <= frame.asOfMs);
    assert.deepEqual(
      due.filter((row) => row.judged < row.arrivals),
      [],
    );
  }
  assert.ok(frames.length > 3);
});

test("streamed requests have a time to first byte and one per token; the others do not", () => {
  const world = World.leased(TABLE);
  world.ask(chat("ann", { stream: true }));
  world.clock.advance(100);
  world.lastCall.sink.onHead(200, STREAM_TYPE);
  world.lastCall.sink.onData(
    bytes('data: {"usage":{"prompt_tokens":1,"completion_tokens":11}}\n\n'),
  );
  world.clock.advance(500);
  world.lastCall.sink.onData(bytes("data: [DONE]\n\n"));
  world.lastCall.sink.onEnd();
  world.ask(chat("ben"));
  world.lastCall.answer();
  const { ttftMs, tpotMs, durationMs } = world.observations[0] ?? {};
  assert.deepEqual([ttftMs, tpotMs, durationMs], [100, 50, 600]);
  world.pass(1_000);
  const [row] = mergedRows(framesOf(world));
  const n = (counts: readonly number[] = []): number => counts.reduce((a, b) => a + b, 0);
  assert.deepEqual([n(row?.latency.total.counts), n(row?.latency.ttft.counts)], [2, 1]);
  assert.equal(row?.samples.length, 2);
});

test("keyless requests and segments are counted as such, and the segments are bounded", () => {
  const evidence = {
    tickMs: 600_000,
    horizonMs: 3_000,
    segments: [{ name: "language", header: "x-language", field: null, detect: null }],
  };
  const world = World.leased(tableOf(1, routeOf({ split: SPLIT, evidence })));
  for (let i = 0; i < 300; i++) {
    const exchange = chat(null);
    Object.assign(exchange, { headers: ["X-Language", `Language-${i}`] });
    world.ask(exchange);
    world.lastCall.answer();
  }
  world.ask(chat("ann"));
  world.pass(1_500);
  const rows = mergedRows(framesOf(world));
  assert.equal(rows.length, 201);
  assert.equal(rows.find((row) => row.segment === "language-7")?.keyless, 1);
  assert.equal(rows.find((row) => row.segment === "other")?.arrivals, 101);
});

test("frames go one at a time: an unanswered one is sent again unchanged, and rows wait", () => {
  const world = World.leased(TABLE);
  world.ask(chat("ann"));
  world.leaseMs = null;
  world.pass(3_000);
  const sent = framesOf(world);
  const stuck = sent.at(-1);
  const repeats = sent.filter((frame) => frame.sequence === stuck?.sequence);
  assert.ok(repeats.length > 2);
  assert.ok(repeats.every((frame) => frame === stuck));
  world.lastCall.answer();
  world.leaseMs = 60_000;
  world.pass(4_000);
  const sequences = [...new Set(framesOf(world).map((frame) => frame.sequence))];
  assert.deepEqual(
    sequences,
    sequences.map((_, index) => index + 1),
    "none is left out",
  );
  const byFrame = new Map(framesOf(world).map((frame) => [frame.sequence, frame]));
  const [row] = mergedRows([...byFrame.values()]);
  assert.deepEqual([row?.arrivals, row?.judged], [1, 1]);
});

test("after an outage rows go out in frames of two hundred, oldest first, and cover nothing until the last", () => {
  const evidence = {
    tickMs: 1_000,
    horizonMs: 60_000,
    segments: [{ name: "language", header: "x-language", field: null, detect: null }],
  };
  const world = World.leased(tableOf(1, routeOf({ split: SPLIT, evidence })));
  world.pass(2_000);
  const before = framesOf(world).length;
  world.leaseMs = null;
  for (let i = 0; i < 500; i++) {
    const headers = ["x-language", `language-${i % 100}`, "x-user", "ann"];
    world.ask(new FakeExchange({ model: "gpt-5" }, headers));
    world.lastCall.answer();
    if (i % 100 === 99) world.pass(2_000);
  }
  world.leaseMs = 60_000;
  world.pass(2_000);
  const sent = [...new Set(framesOf(world).slice(before))].filter((f) => f.rows.length > 0);
  assert.ok(sent.length > 2 && sent.every((frame) => frame.rows.length <= 200));
  const ticks = sent.flatMap((frame) => frame.rows.map((row) => row.tick));
  assert.equal(ticks.length, 500);
  assert.deepEqual(
    ticks,
    ticks.toSorted((a, b) => a - b),
  );
  for (const [index, { asOfMs }] of sent.entries()) {
    const later = sent.slice(index + 1).flatMap((frame) => frame.rows);
    assert.ok(later.every((row) => (row.tick + 1) * 1_000 > asOfMs));
  }
  assert.ok((sent.at(-1)?.asOfMs ?? 0) >= Math.max(...ticks) * 1_000);
});

test("a goodbye comes with the last rows, however many frames they take", () => {
  const evidence = { tickMs: 100, horizonMs: 60_000, segments: [] };
  const world = World.leased(tableOf(1, routeOf({ split: SPLIT, evidence })));
  world.leaseMs = null;
  for (let i = 0; i < 300; i++) {
    world.ask(chat("ann"));
    world.lastCall.answer();
    world.clock.advance(100);
  }
  world.leaseMs = 60_000;
  world.gateway.drain(() => {});
  world.pass(3_000);
  const goodbyes = framesOf(world).filter((frame) => frame.goodbye);
  assert.equal(goodbyes.length, 1);
  assert.equal(goodbyes[0], framesOf(world).at(-1));
  const arrivals = mergedRows([...new Set(framesOf(world))]).map((row) => row.arrivals);
  assert.equal(arrivals.length, 300);
});

test("rows that a controller refuses are left out and counted, and the lease is renewed without them", () => {
  const world = World.leased(TABLE);
  world.ask(chat("ann"));
  world.lastCall.answer();
  world.refuses = (frame) => frame.rows.length > 0;
  world.pass(2_500);
  assert.ok(world.gateway.snapshot().leaseMs > 58_000);
  const refused = framesOf(world).find((frame) => frame.rows.length > 0);
  const again = framesOf(world).findLast((frame) => frame.sequence === refused?.sequence);
  assert.deepEqual(again, { ...refused, rows: [], rowsDropped: 1 });
  assert.ok(world.log.lines.some(({ level }) => level === "error"));
  assert.equal(framesOf(world).at(-1)?.rowsDropped, 0, "they are counted once");
});

test("a frame that is refused without any rows is sent again with patience", () => {
  const world = World.leased(TABLE);
  world.refuses = () => true;
  const before = framesOf(world).length;
  world.pass(10_000);
  const sent = framesOf(world).slice(before);
  assert.equal(new Set(sent).size, 1);
  assert.ok(sent.length > 2 && sent.length < 20);
});

test("an acknowledgement of a controller that lacks this worker's table renews nothing, and is told once", () => {
  const world = new World({ onDisk: TABLE });
  world.newestTable = 0;
  world.pass(5_000);
  assert.equal(world.gateway.snapshot().leaseMs, 0);
  assert.equal(world.log.lines.filter(({ level }) => level === "error").length, 1);
  world.newestTable = 1;
  world.pass(2_000);
  assert.ok(world.gateway.snapshot().leaseMs > 0);
});

test("every frame has the shape that crosses the wire, and time in it never goes back", () => {
  const world = World.leased(TABLE);
  for (let i = 0; i < 20; i++) {
    world.ask(chat(`user-${i}`, { stream: i % 2 === 0 }));
    world.lastCall.answer(i % 3 === 0 ? 500 : 200);
    world.pass(300);
  }
  const frames = framesOf(world);
  for (const frame of frames) frameSchema.parse(JSON.parse(JSON.stringify(frame)));
  const times = frames.map((frame) => frame.asOfMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

test("a new table is confirmed at once", () => {
  const world = World.leased(TABLE);
  world.link.publish(tableOf(2, routeOf({ split: splitOf(0) })));
  assert.equal(framesOf(world).at(-1)?.confirmedTable, 2);
});

test("a table that comes while a frame is on its way is confirmed right after it", () => {
  const world = World.leased(TABLE);
  world.pass(1_000);
  world.clock.advance(1_000);
  const underWay = framesOf(world).at(-1);
  world.link.publish(tableOf(2, routeOf()));
  assert.equal(framesOf(world).at(-1), underWay);
  world.acknowledge();
  assert.equal(framesOf(world).at(-1)?.confirmedTable, 2);
});

test("candidate requests in flight are reported, and when the last one ended", () => {
  const world = World.leased(TABLE);
  world.ask(chat("ann"));
  world.pass(1_100);
  assert.deepEqual(framesOf(world).at(-1)?.candidateInFlight, { r1: 1 });
  const endedMs = world.clock.wall();
  world.lastCall.answer(500);
  world.pass(1_100);
  const last = framesOf(world).at(-1);
  assert.deepEqual(last?.candidateInFlight, { r1: 0 }, "the replay is stable's");
  assert.deepEqual(last?.candidateEndedAtMs, { r1: endedMs });
});

test("the spool is bounded, gives up its oldest rows first, and says how many", () => {
  const spool = new Spool(3);
  const key = (tick: number) =>
    ({ rolloutId: "r", table: 1, tick, arm: "stable", via: "split", segment: "all" }) as const;
  for (const tick of [5, 3, 4, 6, 7]) spool.row(rowKeyText(key(tick)), key(tick));
  const { rows, dropped } = spool.take();
  assert.deepEqual(rows.map((row) => row.tick).sort(), [5, 6, 7]);
  assert.equal(dropped, 2);
  assert.deepEqual(spool.take(), { rows: [], dropped: 0 });
});

test("a lease lasts from the sending of the frame that renewed it, and never gets shorter", () => {
  const times = fc.array(fc.record({ sentMs: fc.nat(1_000), leaseMs: fc.nat(1_000) }));
  fc.assert(
    fc.property(times, fc.nat(2_000), (renewals, nowMs) => {
      const lease = new Lease();
      for (const { sentMs, leaseMs } of renewals) lease.renew(sentMs, leaseMs);
      const expected = renewals.some((r) => r.leaseMs > 0 && nowMs < r.sentMs + r.leaseMs);
      assert.equal(lease.isValid(nowMs), expected);
    }),
  );
});

test("a slow acknowledgement renews the lease from when its frame was sent", () => {
  const world = World.leased(TABLE);
  world.leaseMs = 10_000;
  world.pass(60_000 - 5_000);
  world.clock.advance(1_000);
  const sentAt = world.clock.mono();
  world.clock.advance(8_000);
  world.acknowledge();
  const expected = sentAt + 10_000 - world.clock.mono();
  assert.ok(world.gateway.snapshot().leaseMs <= expected);
});

test("an acknowledgement of another store renews nothing", () => {
  const world = new World({ onDisk: { ...TABLE, storeId: "store-9" } });
  world.pass(2_000);
  assert.equal(world.gateway.snapshot().leaseMs, 0);
});

test("the controller's time never goes back, whatever the acknowledgements say", () => {
  const exchanges = fc.array(
    fc.record({
      afterMs: fc.nat(2_000),
      tookMs: fc.nat(500),
      skewMs: fc.integer({ min: -900, max: 900 }),
    }),
  );
  fc.assert(
    fc.property(exchanges, (all) => {
      const clock = new ManualClock();
      const time = new ControllerTime(clock);
      let last = Number.NEGATIVE_INFINITY;
      for (const { afterMs, tookMs, skewMs } of all) {
        clock.advance(afterMs);
        const sentMs = clock.mono();
        clock.advance(tookMs);
        time.learn(sentMs, clock.wall() + skewMs);
        assert.ok(time.now() >= last);
        last = time.now();
      }
    }),
  );
});

test("the quickest exchange tells the controller's time best", () => {
  const clock = new ManualClock();
  const time = new ControllerTime(clock);
  const learn = (tookMs: number, answeredAfterMs: number): void => {
    const sentMs = clock.mono();
    const controllerMs = clock.wall() + 5_000 + answeredAfterMs;
    clock.advance(tookMs);
    time.learn(sentMs, controllerMs);
  };
  learn(2, 1);
  learn(1_000, 990);
  assert.ok(Math.abs(time.now() - (clock.wall() + 5_000)) <= 1);
});
