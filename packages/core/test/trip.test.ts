// The fast trip: its bound against exact enumeration, and what it takes for failures.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arriveInWalk,
  burstOf,
  createRandom,
  emptyWalk,
  falseTripsMax,
  isHardFailure,
  judgeTrip,
  type Outcome,
  requestsToTrip,
  StableResults,
  settleInWalk,
  WALK_LENGTH,
  type Walk,
} from "@slipway/core";
import fc from "fast-check";

const TRIP = { enabled: true, failures: 10 };

/** The chance that a walk reflected at zero reaches `height` within `steps`, and its mean time to, by enumeration. */
function enumerated(rate: number, height: number, steps: number): { hit: number; mean: number } {
  let at = new Array<number>(height).fill(0);
  at[0] = 1;
  let hit = 0;
  let mean = 0;
  for (let step = 1; step <= steps; step++) {
    const next = new Array<number>(height).fill(0);
    for (const [level, chance] of at.entries()) {
      const down = Math.max(0, level - 1);
      next[down] = (next[down] ?? 0) + chance * (1 - rate);
      if (level + 1 < height) next[level + 1] = (next[level + 1] ?? 0) + chance * rate;
      else {
        hit += chance * rate;
        mean += chance * rate * step;
      }
    }
    at = next;
  }
  return { hit, mean };
}

/** Requests of many users, one letter each: f fails, o answers, n neither, . is open. */
function walked(letters: string, user: (index: number) => number = (index) => index + 1): Walk {
  const walk = emptyWalk();
  const outcomes: { readonly [letter: string]: Outcome | null } = {
    f: "server_error",
    o: "ok",
    n: null,
  };
  for (const [index, letter] of [...letters].entries()) {
    const number = arriveInWalk(walk, user(index), index);
    const outcome = outcomes[letter];
    if (outcome !== undefined) settleInWalk(walk, number, outcome);
  }
  return walk;
}

test("a rollout trips falsely at most as often as the bound says, by enumeration", () => {
  for (const rate of [0.01, 0.05, 0.1, 0.2, 0.4]) {
    for (const failures of [3, 5, 10]) {
      for (const steps of [20, 500]) {
        const { hit } = enumerated(rate, failures, steps);
        assert.ok(
          hit <= falseTripsMax(rate, steps, failures) + 1e-12,
          `${rate} ${failures} ${steps}`,
        );
      }
    }
  }
});

test("the bound holds where failures depend on what came before, as long as none is likelier than the rate", () => {
  // Either no failure at all or the highest rate, by what happened last: enumerated over all histories of 14 requests.
  const rate = 0.3;
  const failures = 3;
  for (let strategy = 0; strategy < 16; strategy++) {
    let hit = 0;
    const follow = (level: number, last: number, chance: number, left: number): void => {
      if (level >= failures) {
        hit += chance;
        return;
      }
      if (left === 0 || chance === 0) return;
      const p = ((strategy >> last) & 1) === 1 ? rate : 0;
      follow(level + 1, ((last << 1) | 1) & 3, chance * p, left - 1);
      follow(Math.max(0, level - 1), (last << 1) & 3, chance * (1 - p), left - 1);
    };
    follow(0, 0, 1, 14);
    assert.ok(hit <= falseTripsMax(rate, 14, failures));
  }
});

test("the mean number of requests until a trip is that of enumeration", () => {
  for (const rate of [0.5, 0.8, 1]) {
    const { mean } = enumerated(rate, 10, 5_000);
    assert.ok(Math.abs(requestsToTrip(rate, 10) - mean) < 1e-3, `${rate}: ${mean}`);
  }
});

test("the walk is the reflected walk in order of arrival, whatever the order of the ends", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.nat(), (fails, seed) => {
      const random = createRandom(seed);
      const walk = emptyWalk();
      const numbers = fails.map((_, index) => arriveInWalk(walk, index + 1, index));
      const order = [...numbers].sort(() => random.next() - 0.5);
      let level = 0;
      let high = 0;
      for (const fail of fails) {
        level = Math.max(0, level + (fail ? 1 : -1));
        high = Math.max(high, level);
      }
      for (const number of order) {
        settleInWalk(walk, number, fails[number] === true ? "connect" : "ok");
        // Before all have ended it never stands higher than it will.
        assert.equal(burstOf(walk, high + 1), null);
      }
      assert.equal(high === 0 || burstOf(walk, high) !== null, true);
    }),
  );
});

test("ten failures in a row trip, nine do not", () => {
  const stable = new StableResults();
  assert.equal(judgeTrip(walked("f".repeat(9)), stable, TRIP, false).kind, "none");
  const judged = judgeTrip(walked(`ooooo${"f".repeat(10)}`), stable, TRIP, false);
  assert.deepEqual(judged, {
    kind: "trip",
    report: {
      limit: 10,
      failures: 10,
      successes: 0,
      outcomes: { server_error: 10 },
      stable: { failures: 0, successes: 0 },
    },
  });
});

test("failures that end before the answers that came between them do not trip", () => {
  // Instant failures of one in five, while every answer takes long.
  assert.equal(burstOf(walked("f....".repeat(200)), 10), null);
});

test("what counts neither way leaves the walk where it was", () => {
  assert.notEqual(burstOf(walked(`fffff${"n".repeat(100)}fffff`), 10), null);
});

test("one user's failures count three times in a burst", () => {
  assert.equal(
    burstOf(
      walked("f".repeat(500), () => 7),
      10,
    ),
    null,
  );
  assert.equal(
    burstOf(
      walked("f".repeat(500), (index) => (index % 3) + 1),
      10,
    ),
    null,
  );
  assert.notEqual(
    burstOf(
      walked("f".repeat(500), (index) => (index % 4) + 1),
      10,
    ),
    null,
  );
});

test("it does not trip while stable fails too, and waits for stable where nothing is known of it", () => {
  const stable = new StableResults();
  const walk = walked("f".repeat(10));
  assert.equal(judgeTrip(walk, stable, TRIP, true).kind, "wait");
  // Of before the burst.
  stable.add(-1, true);
  assert.equal(judgeTrip(walk, stable, TRIP, true).kind, "wait");
  stable.add(1, true);
  stable.add(2, false);
  assert.equal(judgeTrip(walk, stable, TRIP, true).kind, "shared");
  stable.add(3, false);
  assert.equal(judgeTrip(walk, stable, TRIP, true).kind, "trip");
});

test("a switched-off trip never trips", () => {
  const off = { enabled: false, failures: 10 };
  const judged = judgeTrip(walked("f".repeat(99)), new StableResults(), off, false);
  assert.equal(judged.kind, "none");
});

test("the latest requests are remembered, and older ones forgotten", () => {
  const walk = walked("f".repeat(9));
  for (let i = 0; i < WALK_LENGTH; i++) settleInWalk(walk, arriveInWalk(walk, 0, 100), null);
  settleInWalk(walk, arriveInWalk(walk, 0, 100), "connect");
  assert.equal(burstOf(walk, 10), null);
});

test("a rate limit, a cancellation, the client's own error and a stall are no hard failures", () => {
  const soft: readonly Outcome[] = [
    "ok",
    "cancelled",
    "client_error",
    "rate_limited",
    "stream_error",
    "overdue",
  ];
  for (const outcome of soft) assert.equal(isHardFailure(outcome, false), false);
  assert.equal(isHardFailure("timeout", false), true);
  assert.equal(isHardFailure("timeout", true), false);
  assert.equal(isHardFailure("truncated", true), true);
});
