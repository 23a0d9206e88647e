// Whose answers are slow: one user's or one server's are not the version's.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  binOf,
  countPace,
  decide,
  type EvidenceRow,
  emptyEvidence,
  emptyReplica,
  emptyRow,
  KEY_BUCKETS,
  mergeRowInto,
  NEVER,
  octaveOf,
  octaveOfBin,
  type Phase,
  record,
  type SequentialGuard,
  type Verdict,
} from "@slipway/core";
import fc from "fast-check";
import { rolloutIn } from "./rollout-fixture.ts";

const P99: SequentialGuard = {
  id: "p99",
  test: "sequential",
  segment: null,
  weight: 1,
  metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
  comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
  action: "roll-back",
  windowMs: 300_000,
};
const FIRST: Phase = { kind: "stage", stage: 0, sinceMs: 0, confirmedAtMs: 0 };

type Arm = EvidenceRow["arm"];
/** Of the so-manieth slow request of a tick. */
type Whose = (place: number) => { readonly bucket: number; readonly replica: string };

function rowOf(arm: Arm, tick: number): EvidenceRow {
  return emptyRow({ rolloutId: "r-1", table: 1, tick, arm, via: "split", segment: "all" });
}

function count(row: EvidenceRow, ms: number, { bucket, replica }: ReturnType<Whose>): void {
  const served = row.replicas[replica] ?? emptyReplica();
  row.replicas[replica] = served;
  row.arrivals++;
  row.judged++;
  row.outcomes.ok = (row.outcomes.ok ?? 0) + 1;
  record(row.latency.total, ms);
  countPace(row, "total", octaveOf(ms), { bucket, replica });
}

const anybody: Whose = (place) => ({
  bucket: (7 * place) % KEY_BUCKETS,
  replica: ["a", "b", "c"][place % 3] ?? "a",
});

/** Quick ones of anybody, and some that take long. */
function filled(row: EvidenceRow, n: number, slowMs: readonly number[], whose: Whose): EvidenceRow {
  for (let i = 0; i < n - slowMs.length; i++) count(row, 100, anybody(i));
  for (const [place, ms] of slowMs.entries()) count(row, ms, whose(place + row.tick));
  return row;
}

/** Stable's slowest one in fifty take 500 to 1,500 ms; three in a hundred of the candidate's take 3 s. */
function judged(slow: { readonly stable: Whose; readonly candidate: Whose }, ticks = 30): Verdict {
  const rollout = rolloutIn(FIRST, { guards: [P99], shareTolerance: 1 });
  const ofStable = Array.from({ length: 38 }, (_, place) => 500 + (1_000 * place) / 38);
  const ofCandidate = new Array<number>(3).fill(3_000);
  let evidence = emptyEvidence(1);
  for (let tick = 0; tick < ticks; tick++) {
    const rows = [
      filled(rowOf("stable", tick), 1_900, ofStable, slow.stable),
      filled(rowOf("candidate", tick), 100, ofCandidate, slow.candidate),
    ];
    const endMs = (tick + 1) * 10_000;
    evidence = absorb(evidence, rollout, { rolloutId: "r-1", tick, endMs, missing: [], rows });
  }
  const [verdict] = decide({ rollout, evidence }, ticks * 10_000).verdicts;
  assert.ok(verdict);
  return verdict;
}

test("a version whose answers are slow for everybody is rolled back", () => {
  const verdict = judged({ stable: anybody, candidate: anybody });
  assert.deepEqual([verdict.status, verdict.action], ["fail", "roll-back"]);
});

test("one heavy user whose requests take long is not a slow version, where stable has such users too", () => {
  const one =
    (bucket: number): Whose =>
    (place) => ({ ...anybody(place), bucket });
  const verdict = judged({ stable: one(3), candidate: one(11) });
  assert.notEqual(verdict.status, "fail");
  assert.ok((verdict.finding?.logE ?? 9) < Math.log(20));
});

test("one slow replica of three is named, and rolls nothing back", () => {
  const sick: Whose = (place) => ({ ...anybody(place), replica: "c" });
  const verdict = judged({ stable: anybody, candidate: sick });
  assert.deepEqual(
    [verdict.status, verdict.action, verdict.finding?.replica],
    ["fail", "block", "c"],
  );
  assert.match(verdict.text, /replica c alone is to blame/);
});

test("octaves are those of the bins, whatever the value", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e7, noNaN: true }), (ms) => {
      const octave = Number(octaveOf(ms));
      assert.equal(octaveOf(ms), octaveOfBin(binOf(ms)));
      assert.ok(ms <= 2 ** octave * 1.02 && ms > 2 ** (octave - 1) * 0.98);
    }),
  );
});

const somePace = fc.array(
  fc.record({
    octave: fc.constantFrom("-2", "0", "7", NEVER),
    bucket: fc.nat(KEY_BUCKETS - 1),
    replica: fc.constantFrom("a", "b"),
  }),
  { maxLength: 20 },
);

type SomePace = typeof somePace extends fc.Arbitrary<infer T> ? T : never;

test("rows that merge have the octaves of all their requests", () => {
  const counted = (all: readonly SomePace[]) => {
    const row = rowOf("stable", 1);
    row.replicas = { a: emptyReplica(), b: emptyReplica() };
    for (const { octave, ...whose } of all.flat()) countPace(row, "total", octave, whose);
    return row;
  };
  const dense = (row: EvidenceRow) =>
    Object.entries(row.buckets.pace.total).map(([octave, counts]) => [
      octave,
      Array.from({ length: KEY_BUCKETS }, (_, bucket) => counts[bucket] ?? 0),
    ]);
  fc.assert(
    fc.property(somePace, somePace, (one, other) => {
      const merged = counted([one]);
      mergeRowInto(merged, counted([other]));
      const whole = counted([one, other]);
      assert.deepEqual(
        new Map(dense(merged) as [string, number[]][]),
        new Map(dense(whole) as [string, number[]][]),
      );
      assert.deepEqual(merged.replicas["a"]?.pace, whole.replicas["a"]?.pace);
    }),
  );
});
