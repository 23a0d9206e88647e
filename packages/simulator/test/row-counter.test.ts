// What a count-world counts in columns is what the gateway's own code counts one by one, to the last bin; and a picker
// draws what its weights say.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  addMark,
  createRandom,
  type Distinct,
  type EvidenceRow,
  emptyRow,
  logNormal,
  markOf,
  mergeDistinctInto,
  type Random,
} from "@slipway/core";
import {
  type Answer,
  AnswerPool,
  ArmCounter,
  columnsOf,
  countArrival,
  createPicker,
  inFlightAt,
  Named,
  type Person,
  PlainRequests,
  RowCounter,
  reportOdd,
} from "@slipway/simulator";
import fc from "fast-check";

function answersOf(random: Random, n: number): readonly Answer[] {
  return Array.from({ length: n }, () => {
    const isStreamed = random.next() < 0.5;
    const totalMs = logNormal(random, 300, 1);
    const outputTokens = Math.floor(random.next() * 2_000);
    const ttftMs = isStreamed ? totalMs / 3 : null;
    return {
      kind: "ok" as const,
      ending: random.next() < 0.1 ? ("cut-off" as const) : ("answered" as const),
      quotaTokens: 1,
      totalMs,
      ttftMs,
      tpotMs: ttftMs === null || outputTokens < 2 ? null : (totalMs - ttftMs) / (outputTokens - 1),
      estimatedTokens: 1 + Math.floor(random.next() * 5_000),
      inputTokens: 1 + Math.floor(random.next() * 5_000),
      outputTokens,
      inFlight: Math.floor(random.next() * 9),
    };
  });
}

function personOf(random: Random): Person {
  return {
    slot: 0,
    bucket: Math.floor(random.next() * 20),
    language: "go",
    isKeyless: random.next() < 0.2,
    weight: 1,
    trouble: 1,
    mark: markOf(`user-${Math.floor(random.next() * 100_000)}`),
  };
}

function rowOf(): EvidenceRow {
  const key = { rolloutId: "r", table: 1, tick: 0, arm: "candidate" as const, segment: "go" };
  return emptyRow({ ...key, via: "split" });
}

const REPLICAS = ["candidate-0", "candidate-1", "candidate-2"];

type Drawn = { readonly person: Person; readonly place: number; readonly replica: number };

function drawn(random: Random, requests: number, answers: number): readonly Drawn[] {
  return Array.from({ length: requests }, () => ({
    person: personOf(random),
    place: Math.floor(random.next() * answers),
    replica: Math.floor(random.next() * 3),
  }));
}

/** Of these, each sent by another of the people. */
function plainOf(all: readonly Drawn[], from: number, to: number): PlainRequests {
  const plain = new PlainRequests();
  plain.begin(to - from);
  for (const [at, { replica, place }] of all.slice(from, to).entries()) {
    plain.add(from + at, replica, true, place);
  }
  return plain;
}

describe("A row that is counted in columns", () => {
  test("is what a gateway counts of the same requests, samples included", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 700 }), (seed, requests) => {
        const answers = answersOf(createRandom(seed), 50);
        const all = drawn(createRandom(seed + 1), requests, answers.length);
        const [columns, single] = [rowOf(), rowOf()];
        const [first, second] = [createRandom(seed + 2), createRandom(seed + 2)];
        const pool = new AnswerPool(answers);
        const counter = new RowCounter();
        const named = new Named();
        const split = Math.floor(requests / 3);
        counter.begin(columns, new Named(), REPLICAS);
        const people = columnsOf(all.map(({ person }) => person));
        const mixture = { low: pool, high: pool, nearHigh: 1 };
        // As they come between others that are counted one by one.
        for (const [from, to] of [
          [0, split],
          [split, all.length],
        ] as const) {
          counter.addAll(plainOf(all, from, to), people, mixture, first);
        }
        for (const { person, place, replica } of all) {
          const answer = answers[place];
          assert.ok(answer !== undefined);
          const { totalMs } = answer;
          const name = REPLICAS[replica] ?? "";
          const inFlight = inFlightAt(pool, place, REPLICAS.length);
          const request = { person, replica: name, inFlight, totalMs, isRefused: false };
          reportOdd(single, { ...request, outcome: "ok" }, answer, named, second);
        }
        counter.end();
        // As they are stored: JSON knows no negative zero, which the logarithm of a little less than one is rounded to.
        assert.deepEqual(JSON.parse(JSON.stringify(columns)), JSON.parse(JSON.stringify(single)));
      }),
      { numRuns: 50 },
    );
  });

  test("has, for a whole arm, the requests and latencies that it has by segment", () => {
    const answers = answersOf(createRandom(1), 50);
    const pool = new AnswerPool(answers);
    const [whole, full] = [rowOf(), rowOf()];
    const [arm, counter] = [new ArmCounter(), new RowCounter()];
    arm.begin(whole);
    counter.begin(full, new Named(), REPLICAS);
    const all = drawn(createRandom(2), 3_000, answers.length);
    const plain = plainOf(all, 0, all.length);
    const people = columnsOf(all.map(({ person }) => person));
    const mixture = { low: pool, high: pool, nearHigh: 1 };
    arm.addAll(plain, people, mixture);
    counter.addAll(plain, people, mixture, createRandom(3));
    arm.end();
    counter.end();
    assert.deepEqual(
      [whole.arrivals, whole.judged, whole.outcomes, whole.latency.total],
      [full.arrivals, full.judged, full.outcomes, full.latency.total],
    );
  });
});

test("users are named once under a table, and what is known of an arm's users is the same", () => {
  const random = createRandom(5);
  const named = new Named();
  const rows = Array.from({ length: 8 }, (_, tick) => ({
    ...rowOf(),
    tick,
    table: tick < 4 ? 1 : 2,
  }));
  const all: Distinct = [];
  for (const row of rows) {
    named.under(row.table);
    for (let i = 0; i < 200; i++) {
      const person = personOf(random);
      countArrival(row, person, named);
      if (!person.isKeyless && row.table === 2) addMark(all, person.mark);
    }
  }
  const known: Distinct = [];
  for (const row of rows.slice(4)) mergeDistinctInto(known, row.users);
  assert.deepEqual(known, all);
  const namings = rows.map(({ users }) => users.length);
  assert.ok((namings[3] ?? 0) < (namings[0] ?? 0), String(namings));
  assert.ok((namings[4] ?? 0) > (namings[3] ?? 0), String(namings));
});

test("a picker draws the index whose part of all weights a number falls into", () => {
  const weight = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 100, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(weight, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (weights, at) => {
        const total = weights.reduce((sum, one) => sum + one, 0);
        fc.pre(total > 0);
        let upTo = 0;
        const expected = weights.findIndex((one) => {
          upTo += one;
          return upTo > at * total;
        });
        assert.equal(createPicker(weights)({ next: () => at }), expected);
      },
    ),
  );
});
