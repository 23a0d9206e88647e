// Who takes the next request, who waits, and that every slot comes back exactly once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SLOTS, type Version } from "@slipway/core";
import fc from "fast-check";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { Balancer, type Waiter } from "../src/upstream/balancer.ts";
import type { Replica } from "../src/upstream/replica.ts";
import {
  routeOf,
  splitOf,
  surroundingsOf,
  tableOf,
  upstreamOf,
  versionOf,
  WANTED,
} from "./fixtures.ts";
import { chat, World } from "./virtual-world.ts";

function balancerOf(version: Version): Balancer {
  const balancer = new Balancer(LIMITS, version);
  balancer.update(version, surroundingsOf(), 0);
  return balancer;
}

const LIMITS = { ...DEFAULT_LIMITS, queuePerUpstreamMax: 3 };

function versionWith(...slots: readonly number[]): ReturnType<typeof versionOf> {
  const upstreams = slots.map((inFlightMax, i) =>
    upstreamOf({ id: `u${i}`, url: `http://u${i}.test/v1`, inFlightMax }),
  );
  return versionOf("v", ...upstreams);
}

function taken(balancer: Balancer): Replica {
  const place = balancer.place({ ...WANTED, granted: () => {} }, 0);
  assert.equal(place.kind, "replica");
  return (place as { replica: Replica }).replica;
}

test("the upstream with the fewest requests in flight is next, and ties take turns", () => {
  const balancer = balancerOf(versionWith(5, 5, 5));
  const ids = [1, 2, 3, 4].map(() => taken(balancer).upstream.id);
  assert.deepEqual(ids, ["u0", "u1", "u2", "u0"]);
  assert.equal(taken(balancer).upstream.id, "u1");
});

test("a new table keeps what is in flight, and more room serves who waits", () => {
  const balancer = balancerOf(versionWith(1));
  taken(balancer);
  const served: string[] = [];
  balancer.place({ ...WANTED, granted: (replica) => served.push(replica.upstream.id) }, 0);
  balancer.update(versionWith(1), surroundingsOf(), 0);
  assert.deepEqual(served, []);
  balancer.update(versionWith(2), surroundingsOf(), 0);
  assert.deepEqual(served, ["u0"]);
  assert.equal(balancer.inFlight, 2);
});

test("an upstream that leaves the table and comes back has no more slots than before", () => {
  const balancer = balancerOf(versionWith(1, 1));
  const held = [taken(balancer), taken(balancer)];
  balancer.update(versionWith(1), surroundingsOf(), 0);
  balancer.update(versionWith(1, 1), surroundingsOf(), 0);
  assert.equal(balancer.inFlight, 2);
  for (const replica of held) balancer.release(replica, 1, 0);
  assert.deepEqual([balancer.inFlight, balancer.isInUse], [0, false]);
});

test("a candidate that comes back while its answers are open has no more slots than before", () => {
  const one = upstreamOf({ url: "http://candidate.test/v1", inFlightMax: 1 });
  const split = splitOf(SLOTS, versionOf("v2", one));
  const world = World.leased(tableOf(1, routeOf({ split })));
  world.ask(chat("ann"));
  const first = world.lastCall;
  world.link.publish(tableOf(2, routeOf()));
  world.link.publish(tableOf(3, routeOf({ split: { ...split, rolloutId: "r2" } })));
  world.ask(chat("bob"));
  assert.equal(world.calls.length, 1, "who comes next waits");
  first.answer();
  assert.equal(world.calls.length, 2);
});

type Step = "take" | "release" | "leave";

/** Everybody who holds a slot or waits for one, as a balancer should see them. */
class Crowd {
  readonly balancer: Balancer;
  readonly held: Replica[] = [];
  readonly waiting: Set<Waiter> = new Set();

  constructor(balancer: Balancer) {
    this.balancer = balancer;
  }

  do(step: Step): void {
    if (step === "take") this.take();
    else if (step === "release") this.release();
    else this.leave();
  }

  take(): void {
    const waiter: Waiter = {
      ...WANTED,
      granted: (replica) => {
        this.waiting.delete(waiter);
        this.held.push(replica);
      },
    };
    const place = this.balancer.place(waiter, 0);
    if (place.kind === "replica") this.held.push(place.replica);
    if (place.kind === "queued") this.waiting.add(waiter);
  }

  release(): void {
    const replica = this.held.shift();
    if (replica !== undefined) this.balancer.release(replica, 10, 0);
  }

  leave(): void {
    const [first] = this.waiting;
    if (first === undefined) return;
    this.balancer.leave(first);
    this.waiting.delete(first);
  }
}

test("slots are never taken beyond the limit, and all come back", () => {
  const steps = fc.array(fc.constantFrom<Step>("take", "take", "release", "leave"), {
    maxLength: 100,
  });
  const limits = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(steps, limits, (taken, slots) => {
      const all = slots.reduce((a, b) => a + b, 0);
      const crowd = new Crowd(balancerOf(versionWith(...slots)));
      const { balancer, held, waiting } = crowd;
      for (const step of taken) {
        crowd.do(step);
        assert.equal(balancer.inFlight, held.length);
        assert.equal(balancer.queued, waiting.size);
        assert.ok(held.every((replica) => replica.inFlight <= replica.upstream.inFlightMax));
        assert.ok(waiting.size === 0 || held.length === all, "nobody waits beside a free slot");
      }
      while (held.length > 0) crowd.release();
      assert.equal(balancer.inFlight, 0);
    }),
    { numRuns: 300 },
  );
});

const SMALL = tableOf(1, routeOf({ stable: versionWith(1) }));

test("a request waits for a slot, and is sent when one is free", () => {
  const world = World.leased(SMALL);
  world.ask(chat("a"));
  const waiting = world.ask(chat("b"));
  assert.equal(world.calls.length, 1);
  world.lastCall.answer();
  assert.equal(world.calls.length, 2);
  world.lastCall.answer();
  assert.equal(waiting.status, 200);
});

test("a full queue gives 429 with Retry-After at once", () => {
  const world = World.leased(SMALL, { limits: { queuePerUpstreamMax: 1 } });
  world.ask(chat("a"));
  world.ask(chat("b"));
  const refused = world.ask(chat("c"));
  assert.equal(refused.status, 429);
  assert.equal(refused.header("retry-after"), "1");
  assert.match(refused.received, /no_capacity/);
});

test("a request that could not be served in time gets 429 at once", () => {
  const world = World.leased(SMALL, { limits: { queueWaitMsMax: 1_000 } });
  for (let i = 0; i < 30; i++) {
    world.ask(chat("a"));
    world.pass(8_000);
    world.lastCall.answer();
  }
  world.ask(chat("a"));
  const refused = world.ask(chat("b"));
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.header("retry-after")) >= 7, "and is told when it could be");
});

test("a wait ends with its limit", () => {
  const world = World.leased(SMALL, { limits: { queueWaitMsMax: 1_000 } });
  world.ask(chat("a"));
  const waiting = world.ask(chat("b"));
  world.pass(1_100);
  assert.equal(waiting.status, 429);
  assert.equal(world.gateway.snapshot().versions[0]?.queued, 0);
});

test("a client that leaves the queue takes no slot", () => {
  const world = World.leased(SMALL);
  world.ask(chat("a"));
  const waiting = world.ask(chat("b"));
  waiting.leave();
  world.lastCall.answer();
  assert.equal(world.calls.length, 1);
  assert.equal(world.gateway.snapshot().versions[0]?.inFlight, 0);
});

const THREE = tableOf(1, routeOf({ stable: versionWith(100, 100, 100) }));
const REFUSED = { kind: "connect", message: "refused", unsent: true } as const;

test("an upstream that cannot be reached is passed over, and the user sees nothing of it", () => {
  const world = World.leased(THREE);
  let refusals = 0;
  for (let i = 0; i < 30; i++) {
    const exchange = world.ask(chat("ann"));
    if (world.lastHost === "u1.test") {
      refusals++;
      world.lastCall.sink.onError(REFUSED);
    }
    world.lastCall.answer();
    assert.equal(exchange.status, 200);
  }
  assert.equal(refusals, 1, "for a second it is not tried again");
  world.pass(1_500);
  const tried = [1, 2, 3].map(() => {
    world.ask(chat("ann"));
    return world.lastHost;
  });
  assert.ok(tried.includes("u1.test"));
});

test("the wait for a connection that fails is not the gateway's own time", () => {
  const world = World.leased(THREE);
  world.ask(chat("ann"));
  world.clock.advance(3_000);
  world.lastCall.sink.onError(REFUSED);
  world.lastCall.answer();
  const [observation] = world.observations;
  assert.deepEqual([observation?.durationMs, observation?.overheadMs], [3_000, 0]);
});

test("where no upstream can be reached each is tried once, and all of them again for the next request", () => {
  const world = World.leased(THREE);
  for (let request = 1; request <= 2; request++) {
    const exchange = world.ask(chat("ann"));
    for (let i = 0; i < 3; i++) world.lastCall.sink.onError(REFUSED);
    assert.equal(exchange.status, 502);
    assert.equal(world.calls.length, 3 * request);
  }
  assert.equal(world.gateway.snapshot().versions[0]?.inFlight, 0);
});

test("an upstream that fails before its call is returned changes nothing of that", () => {
  const world = World.leased(THREE);
  world.failAtOnce = (request) => (request.baseUrl.includes("u0.") ? REFUSED : null);
  const exchange = world.ask(chat("ann"));
  assert.equal(world.lastHost, "u1.test");
  exchange.leave();
  assert.deepEqual(
    world.calls.map((call) => call.isAborted),
    [true, true],
  );
  world.failAtOnce = () => REFUSED;
  assert.equal(world.ask(chat("ann")).status, 502);
  assert.equal(world.gateway.snapshot().versions[0]?.inFlight, 0);
});

test("a limit is for all live workers together: each has its share, and waits for what is beyond", () => {
  const world = World.leased(tableOf(1, routeOf({ stable: versionWith(5) })));
  world.fleet = { members: 2, rank: 1 };
  world.pass(2_000);
  for (let i = 0; i < 5; i++) world.ask(chat("a"));
  assert.equal(world.calls.length, 2, "the one of rank 0 has three");
  world.fleet = { members: 1, rank: 0 };
  world.pass(2_000);
  assert.equal(world.calls.length, 5);
});

test("before a controller tells of others, the workers of the same gateway count", () => {
  const table = tableOf(1, routeOf({ stable: versionWith(4) }));
  const world = new World({ onDisk: table, workers: 2 });
  for (let i = 0; i < 4; i++) world.ask(chat("a"));
  assert.equal(world.calls.length, 2);
});

test("upstreams that all break are not asked again and again: what is sent a second time has a budget", () => {
  const world = World.leased(tableOf(1, routeOf({ stable: versionWith(2, 2) })));
  world.failAtOnce = () => ({ kind: "connect", message: "reset", stale: true });
  for (let i = 0; i < 200; i++) assert.equal(world.ask(chat("a")).status, 502);
  const resends = world.calls.length - 200;
  assert.ok(resends >= 10 && resends <= 10 + 0.2 * 200, `${resends} for 200 requests`);
});

test("as many are sent again as connections could be kept, not as many as a large limit allows", () => {
  const world = World.leased(tableOf(1, routeOf({ stable: versionWith(5_000) })));
  world.failAtOnce = () => ({ kind: "connect", message: "reset", stale: true });
  for (let i = 0; i < 1_000; i++) world.ask(chat("a"));
  const resends = world.calls.length - 1_000;
  assert.ok(resends >= 200 && resends <= 0.2 * 1_000 + 10, `${resends} for one at a time`);
  const many = World.leased(tableOf(1, routeOf({ stable: versionWith(5_000) })));
  for (let i = 0; i < 300; i++) many.ask(chat("a"));
  for (const call of [...many.calls]) {
    call.sink.onError({ kind: "connect", message: "closed", stale: true });
  }
  assert.equal(
    many.calls.length,
    600,
    "an upstream that closes all it kept costs nobody an answer",
  );
});
