// Pools: what providers' headers say, what is declared, and that a pool that said "not before" gets nothing before.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Table } from "@slipway/core";
import fc from "fast-check";
import { Allowance } from "../src/upstream/allowance.ts";
import { FleetShare } from "../src/upstream/fleet-share.ts";
import { Pool, type Sent } from "../src/upstream/pool.ts";
import { type RateLimits, rateLimitsOf, spanMsOf } from "../src/upstream/rate-limit-headers.ts";
import { routeOf, splitOf, tableOf, upstreamOf, versionOf } from "./fixtures.ts";
import { chat, type FakeExchange, World } from "./virtual-world.ts";

const WALL_MS = Date.parse("2026-03-01T10:00:00Z");
const wall = (): number => WALL_MS;

test("a span is told in seconds, in Go's notation, or as a date", () => {
  const spans: [string, number | null][] = [
    ["2", 2_000],
    ["0.5", 500],
    ["6m0s", 360_000],
    ["1s", 1_000],
    ["20ms", 20],
    ["1h2m3.5s", 3_723_500],
    ["1d", 86_400_000],
    ["2026-03-01T10:00:30Z", 30_000],
    ["2026-03-01T12:00:00+02:00", 0],
    ["Sun, 01 Mar 2026 10:01:00 GMT", 60_000],
    ["Sun, 01 Mar 2026 09:00:00 GMT", 0],
    ["soon", null],
    ["-1", null],
    ["", null],
  ];
  for (const [text, ms] of spans) assert.equal(spanMsOf(text, [], wall), ms, text);
  const itsOwn = ["Date", "Sun, 01 Mar 2026 10:00:20 GMT"];
  assert.equal(spanMsOf("2026-03-01T10:00:30Z", itsOwn, wall), 10_000, "by the sender's clock");
});

test("OpenAI's and Anthropic's headers are read, in any case, and others are not", () => {
  const openai = rateLimitsOf(
    [
      ...["X-RateLimit-Limit-Requests", "60", "x-ratelimit-remaining-requests", "59"],
      ...["x-ratelimit-reset-requests", "1s", "x-ratelimit-remaining-tokens", "149984"],
      ...["x-request-id", "req_1", "retry-after", "3", "Retry-After-Ms", "2500"],
    ],
    wall,
  );
  assert.deepEqual(openai, {
    quotas: {
      requests: { limit: 60, remaining: 59, resetMs: 1_000 },
      tokens: { limit: null, remaining: 149_984, resetMs: null },
    },
    retryAfterMs: 2_500,
  });
  const anthropic = rateLimitsOf(
    [
      ...["anthropic-ratelimit-input-tokens-limit", "40000"],
      ...["anthropic-ratelimit-input-tokens-remaining", "0"],
      ...["anthropic-ratelimit-input-tokens-reset", "2026-03-01T10:00:05Z"],
      ...["anthropic-ratelimit-output-tokens-remaining", "8000"],
    ],
    wall,
  );
  assert.deepEqual(anthropic?.quotas["input-tokens"], {
    limit: 40_000,
    remaining: 0,
    resetMs: 5_000,
  });
  assert.equal(anthropic?.quotas["output-tokens"]?.remaining, 8_000);
  assert.equal(rateLimitsOf(["content-type", "text/plain", "x-request-id", "1"], wall), null);
});

test("no text in a header makes the reader throw", () => {
  const names = fc.constantFrom("retry-after", "retry-after-ms", "x-ratelimit-reset-tokens");
  fc.assert(
    fc.property(names, fc.string(), (name, value) => {
      const limits = rateLimitsOf([name, value], wall);
      const ms = limits?.retryAfterMs ?? 0;
      return ms >= 0 && !Number.isNaN(ms);
    }),
  );
});

test("an allowance lets no more pass in any minute than its quota, whatever is asked when", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 50, maxLength: 400 });
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 600 }), gaps, (perMinute, steps) => {
      const allowance = new Allowance(perMinute, 0);
      const passed: number[] = [];
      let nowMs = 0;
      for (const step of steps) {
        nowMs += step;
        while (allowance.waitMs(1, 0, nowMs) === 0) {
          allowance.take(1);
          passed.push(nowMs);
        }
      }
      return passed.every(
        (atMs) => passed.filter((at) => at >= atMs && at < atMs + 60_000).length <= perMinute + 1,
      );
    }),
    { numRuns: 60 },
  );
});

test("the shares of all workers add up to the limit, and each has one slot at least", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 20 }),
      (max, members) => {
        const shares = Array.from({ length: members }, (_, rank) =>
          new FleetShare(members, rank).slotsOf(max),
        );
        const sum = shares.reduce((a, b) => a + b, 0);
        return shares.every((share) => share >= 1) && sum === Math.max(max, members);
      },
    ),
  );
});

const KEYED = versionOf("v1", upstreamOf({ url: "http://a.test/v1", keyEnv: "KEY", pool: "acc" }));
const SECRETS = { secrets: { KEY: "k" } };
const LIMITED = ["content-type", "application/json", "retry-after", "20"];

function keyed(pools: Table["pools"] = []): World {
  const table = tableOf(1, routeOf({ stable: KEYED, deadlineMs: 600_000 }));
  return World.leased({ ...table, pools }, SECRETS);
}

function refusedFor(exchange: FakeExchange): number {
  assert.equal(exchange.status, 429);
  return Number(exchange.header("retry-after"));
}

test("a pool that said when to come back gets nothing before, and who is refused is told the same time", () => {
  const world = keyed();
  const first = world.ask(chat("ann"));
  world.lastCall.answer(429, '{"error":{}}', LIMITED);
  assert.equal(refusedFor(first), 20, "the upstream's own answer passes unchanged");
  assert.equal(first.received, '{"error":{}}');
  world.pass(5_000);
  const second = world.ask(chat("ann"));
  assert.equal(refusedFor(second), 15);
  assert.match(second.received, /no_quota/);
  assert.equal(world.calls.length, 1);
  world.pass(11_000);
  const waits = world.ask(chat("ann"));
  world.pass(3_900);
  assert.equal(world.calls.length, 1, "not a moment before");
  world.pass(200);
  assert.equal(world.calls.length, 2, "what could be served in time waited");
  world.lastCall.answer();
  assert.equal(waits.status, 200);
});

test("where a client's own key is forwarded its quota is its own: nobody else waits for it", () => {
  const own = versionOf("v1", upstreamOf({ url: "http://a.test/v1" }));
  const world = World.leased(tableOf(1, routeOf({ stable: own })));
  world.ask(chat("ann"));
  world.lastCall.answer(429, "{}", LIMITED);
  world.ask(chat("bob"));
  assert.equal(world.calls.length, 2);
});

test("a 429 without a time to come back waits for what it says is used up", () => {
  const world = keyed();
  world.ask(chat("ann"));
  const used = ["x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "1m30s"];
  world.lastCall.answer(429, "{}", used);
  assert.equal(refusedFor(world.ask(chat("ann"))), 90);
});

test("a provider that says that its quota never comes back is asked again after a day", () => {
  const pool = new Pool("p", new FleetShare(1, 0));
  for (const reset of ["9".repeat(400), `${"9".repeat(300)}`, "99999999h"]) {
    const headers = ["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", reset];
    const limits = rateLimitsOf(headers, wall);
    assert.ok(limits !== null);
    pool.hear(limits, 200, pool.sent, 0);
    const wanted = { inputTokens: 1, outputTokens: 1 };
    assert.equal(pool.waitMs(wanted, 0, "interactive", 86_400_000), 0, reset);
  }
});

test("what was sent after a request is still missing from what its answer says is left", () => {
  const pool = new Pool("p", new FleetShare(1, 0));
  const wanted = { inputTokens: 10, outputTokens: 5 };
  const send = (): Sent => {
    pool.take(wanted);
    return pool.sent;
  };
  const told = (requests: number, tokens: number): RateLimits => ({
    quotas: {
      requests: { limit: 10, remaining: requests, resetMs: 60_000 },
      tokens: { limit: 1_000, remaining: tokens, resetMs: 60_000 },
    },
    retryAfterMs: null,
  });
  const left = (): readonly (number | null)[] => {
    const { requestsLeft, tokensLeft } = pool.state(0);
    return [requestsLeft, tokensLeft];
  };
  const first = send();
  const second = send();
  const third = send();
  pool.hear(told(8, 970), 200, second, 0);
  assert.deepEqual(left(), [7, 955], "the third is under way");
  pool.hear(told(9, 985), 200, first, 0);
  assert.deepEqual(left(), [7, 955], "an answer that was long in coming tells nothing new");
  pool.hear(told(7, 955), 200, third, 0);
  assert.deepEqual(left(), [7, 955]);
  for (let sent = 0; sent < 9; sent++) send();
  assert.deepEqual(left()[0], 0, "never less than nothing");
});

test("a good answer that says that nothing is left holds back what follows until one request is there again", () => {
  const world = keyed();
  world.ask(chat("ann"));
  world.lastCall.answer(200, undefined, [
    ...["content-type", "application/json", "x-ratelimit-limit-requests", "60"],
    ...["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "60s"],
  ]);
  world.ask(chat("ann"));
  world.pass(900);
  assert.equal(world.calls.length, 1);
  world.pass(200);
  assert.equal(world.calls.length, 2, "a sixtieth of the quota comes back in a second");
});

test("a declared quota is kept, shared by the live workers", () => {
  const pool = { name: "acc", requestsPerMinute: 1_200, tokensPerMinute: null };
  const world = keyed([pool]);
  world.fleet = { members: 2, rank: 0 };
  world.pass(2_000);
  let sent = 0;
  for (let ms = 0; ms < 60_000; ms += 100) {
    for (let i = 0; i < 4; i++) world.ask(chat("ann", { max_tokens: 1 }));
    for (const call of world.calls.slice(sent)) call.answer();
    sent = world.calls.length;
    world.pass(100);
  }
  assert.ok(sent <= 600 && sent > 540, `${sent} of 600`);
});

test("tokens are counted as expected, and settled when the answer tells", () => {
  const pool = { name: "acc", requestsPerMinute: null, tokensPerMinute: 60_000 };
  const world = keyed([pool]);
  const left = (): number | null | undefined => world.gateway.snapshot().pools[0]?.tokensLeft;
  const before = left() ?? 0;
  world.ask(chat("ann", { max_tokens: 1_000 }));
  const expected = before - (left() ?? 0);
  assert.ok(expected > 1_000 && expected < 1_040, String(expected));
  world.lastCall.answer();
  assert.equal(left(), before - 8, "the answer says 5 and 3");
  world.ask(chat("ann", { max_tokens: 1_000 }));
  world.lastCall.answer(500, "{}");
  assert.equal(left(), before - 8, "a failed answer costs nothing");
});

test("a 429 is replayed to stable's other pool, and to no upstream of the pool that gave it", () => {
  const stable = versionOf(
    "v1",
    upstreamOf({ url: "http://same.test/v1", pool: "new" }),
    upstreamOf({ url: "http://other.test/v1", pool: "old" }),
  );
  const world = World.leased(tableOf(1, routeOf({ stable, split: splitOf(10_000) })));
  for (let i = 0; i < 6; i++) {
    const exchange = world.ask(chat("ann"));
    assert.equal(world.lastHost, "candidate.test");
    world.lastCall.answer(429, "{}");
    assert.equal(world.lastHost, "other.test");
    world.lastCall.answer();
    assert.equal(exchange.status, 200);
  }
});

test("frames carry what providers say that a pool may have, while it is believed", () => {
  const world = keyed();
  world.ask(chat("ann"));
  world.lastCall.answer(200, undefined, [
    ...["content-type", "application/json", "x-ratelimit-limit-requests", "600"],
    ...["x-ratelimit-remaining-requests", "599", "x-ratelimit-reset-requests", "100ms"],
    ...["anthropic-ratelimit-input-tokens-limit", "40000"],
    ...["anthropic-ratelimit-input-tokens-remaining", "39000"],
    ...["anthropic-ratelimit-input-tokens-reset", "2s"],
  ]);
  world.pass(1_500);
  assert.deepEqual(world.link.frames.at(-1)?.frame.told, [
    // Of input tokens alone nobody can say how many tokens a minute may have.
    { pool: "acc", requestsPerMinute: 600, tokensPerMinute: null },
  ]);
  world.pass(120_000);
  assert.deepEqual(world.link.frames.at(-1)?.frame.told, []);
});
