// Whose turn it is: interactive requests before background ones, and neither kept waiting by a shadow.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PriorityPolicy } from "@slipway/core";
import { scanBody } from "../src/body/body-scan.ts";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { priorityOf } from "../src/path/priority-of.ts";
import { Balancer } from "../src/upstream/balancer.ts";
import type { Priority } from "../src/upstream/priority.ts";
import type { Replica } from "../src/upstream/replica.ts";
import { bytes, surroundingsOf, upstreamOf, versionOf, WANTED } from "./fixtures.ts";

const POLICY: PriorityPolicy = {
  header: "x-priority",
  background: ["batch", "background"],
  otherwise: "interactive",
};

test("the header names the priority, then the body's service tier, then the policy", () => {
  const scan = (fields: object): ReturnType<typeof scanBody> =>
    scanBody(bytes(JSON.stringify({ model: "m", ...fields })));
  const flex = scan({ service_tier: "flex" });
  assert.equal(priorityOf(POLICY, ["X-Priority", " Batch"], null), "background");
  assert.equal(priorityOf(POLICY, ["x-priority", "high"], flex), "interactive");
  assert.equal(priorityOf(POLICY, [], flex), "background");
  assert.equal(priorityOf(POLICY, [], scan({ service_tier: "standard_only" })), "interactive");
  assert.equal(priorityOf(POLICY, [], scan({})), "interactive");
  assert.equal(priorityOf({ ...POLICY, otherwise: "background" }, [], null), "background");
  const headerless = { ...POLICY, header: null };
  assert.equal(priorityOf(headerless, ["x-priority", "batch"], null), "interactive");
});

/** An upstream of some slots, and who got one, in order. */
class Counter {
  readonly balancer: Balancer;
  readonly served: Priority[] = [];
  readonly held: Replica[] = [];

  constructor(slots = 10, queue = 100) {
    const version = versionOf("v", upstreamOf({ url: "http://u.test/v1", inFlightMax: slots }));
    this.balancer = new Balancer({ ...DEFAULT_LIMITS, queuePerUpstreamMax: queue }, version);
    this.balancer.update(version, surroundingsOf(), 0);
  }

  ask(priority: Priority, times = 1): string[] {
    return Array.from({ length: times }, () => {
      const granted = (replica: Replica): void => {
        this.served.push(priority);
        this.held.push(replica);
      };
      const place = this.balancer.place({ ...WANTED, priority, granted }, 0);
      if (place.kind === "replica") granted(place.replica);
      return place.kind;
    });
  }

  end(times = 1): void {
    for (let i = 0; i < times; i++) {
      const replica = this.held.shift();
      if (replica !== undefined) this.balancer.release(replica, 100, 0);
    }
  }
}

test("background leaves a fifth of the slots to interactive requests", () => {
  const counter = new Counter();
  assert.deepEqual(counter.ask("background", 9).slice(-2), ["replica", "queued"]);
  assert.deepEqual(counter.ask("interactive", 3), ["replica", "replica", "queued"]);
});

test("who waits as interactive is served before who waited longer as background", () => {
  const counter = new Counter(1);
  counter.ask("interactive");
  counter.ask("background");
  counter.ask("interactive");
  counter.end(2);
  assert.deepEqual(counter.served, ["interactive", "interactive", "background"]);
});

test("background that waits gets every tenth slot, however many interactive requests wait", () => {
  const counter = new Counter(4);
  counter.ask("interactive", 4);
  counter.ask("background", 20);
  counter.ask("interactive", 70);
  counter.end(60);
  const served = counter.served.slice(4);
  assert.equal(served.filter((priority) => priority === "background").length, 6);
  assert.equal(served.indexOf("background"), 9);
});

test("background goes on where interactive requests come so often that none of them waits", () => {
  const counter = new Counter(10);
  counter.ask("interactive", 9);
  counter.ask("background");
  for (let i = 0; i < 20; i++) {
    counter.end();
    counter.ask("interactive");
  }
  assert.ok(counter.served.includes("background"));
});

test("background fills half of the queue at most", () => {
  const counter = new Counter(1, 4);
  counter.ask("interactive");
  assert.deepEqual(counter.ask("background", 3), ["queued", "queued", "refused"]);
  assert.deepEqual(counter.ask("interactive", 3), ["queued", "queued", "refused"]);
  assert.equal(counter.balancer.queuedOf("background"), 2);
});

test("a shadow takes half of the slots at most, while nobody waits, and is never queued", () => {
  const counter = new Counter();
  assert.equal(counter.ask("shadow", 6).at(-1), "refused");
  counter.ask("interactive", 5);
  assert.deepEqual(counter.ask("interactive"), ["queued"]);
  counter.end(2);
  assert.deepEqual(counter.ask("shadow"), ["refused"]);
  assert.equal(counter.balancer.queued, 0);
});
