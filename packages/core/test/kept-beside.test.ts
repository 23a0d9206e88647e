// What core keeps beside the evidence, so that a tick costs little, may change nothing: evidence that was read from JSON has
// none of it, must add up the same, and must decide the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  absorb,
  addDistinct,
  createRandom,
  decide,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyReplica,
  emptyRow,
  type Guard,
  type Judgement,
  type Policy,
  type Random,
  type Rollout,
  record,
  type ServingArm,
  type Tick,
  VIAS,
} from "@slipway/core";
import fc from "fast-check";
import { POLICY, rolloutIn } from "./rollout-fixture.ts";

const SEGMENTS = ["en", "de", "go"];
const TICK_MS = 10_000;

const sequential = { test: "sequential", weight: 1, action: "roll-back" } as const;
const ratio = { kind: "ratio", ratioMax: 2, differenceMin: 0 } as const;
const latency = { kind: "latency", time: "total", quantile: 0.9, byLength: false } as const;
const GUARDS: readonly Guard[] = [
  ...POLICY.guards,
  {
    ...sequential,
    id: "slow",
    segment: null,
    windowMs: 50_000,
    metric: latency,
    comparison: ratio,
  },
  {
    ...sequential,
    id: "slow-de",
    segment: "de",
    windowMs: 30_000,
    metric: { ...latency, time: "ttft" },
    comparison: ratio,
  },
  {
    ...sequential,
    id: "slow-alike",
    segment: null,
    windowMs: 80_000,
    metric: { ...latency, time: "tpot", byLength: true },
    comparison: ratio,
  },
  {
    ...sequential,
    id: "errors-ratio",
    segment: null,
    windowMs: 50_000,
    metric: { kind: "events", event: "errors" },
    comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
  },
  {
    ...sequential,
    id: "errors-limit",
    segment: "go",
    windowMs: 50_000,
    metric: { kind: "events", event: "server-errors" },
    comparison: { kind: "limit", max: 0.3 },
  },
];
const POLICIES: Partial<Policy> = { guards: GUARDS };

/** Mostly little traffic: ticks without a request, or with those of one arm, are among them. */
function drawnTick(tick: number, table: number, random: Random): Tick {
  const rows = SEGMENTS.flatMap((segment) =>
    (["stable", "candidate"] as const).flatMap((arm) =>
      VIAS.flatMap((via) => drawnRow({ tick, table, arm, via, segment }, random)),
    ),
  );
  const missing = random.next() < 0.1 ? ["gateway-2"] : [];
  return { rolloutId: "r-1", tick, endMs: (tick + 1) * TICK_MS, missing, rows };
}

type Place = Pick<EvidenceRow, "tick" | "table" | "via" | "segment"> & { readonly arm: ServingArm };

function drawnRow(place: Place, random: Random): readonly EvidenceRow[] {
  const often = place.via === "split" ? 12 : 2;
  const requests = random.next() < 0.3 ? 0 : Math.floor(random.next() * often);
  if (requests === 0) return [];
  const row = emptyRow({ rolloutId: "r-1", ...place });
  for (let i = 0; i < requests; i++) addRequest(row, random);
  return [row];
}

function addRequest(row: EvidenceRow, random: Random): void {
  const user = Math.floor(random.next() * 200);
  const bucket = user % 20;
  const isBad = random.next() < (row.arm === "candidate" ? 0.06 : 0.04);
  row.arrivals++;
  row.judged++;
  addDistinct(row.users, `user-${user}`);
  row.buckets.arrivals[bucket] = (row.buckets.arrivals[bucket] ?? 0) + 1;
  const name = `${row.arm}-${Math.floor(random.next() * 4)}`;
  const replica = row.replicas[name] ?? emptyReplica();
  row.replicas[name] = replica;
  replica.counted++;
  if (!isBad) {
    const totalMs = 50 + random.next() * 2_000;
    row.outcomes.ok = (row.outcomes.ok ?? 0) + 1;
    record(row.latency.total, totalMs);
    record(row.latency.ttft, totalMs / 5);
    record(row.latency.tpot, totalMs / 100);
    return;
  }
  replica.bad++;
  replica.mishaps.server_error = (replica.mishaps.server_error ?? 0) + 1;
  row.outcomes.server_error = (row.outcomes.server_error ?? 0) + 1;
  row.buckets.bad[bucket] = (row.buckets.bad[bucket] ?? 0) + 1;
  row.buckets.mishaps[bucket] = { server_error: 1 };
  if (random.next() < 0.3) row.latency.total.over++;
}

/** A stage, then another, and after a step back evidence from another table. */
function rolloutAt(tick: number): Rollout {
  const stage = tick < 15 ? 0 : tick < 30 ? 1 : 0;
  const table = tick < 15 ? 1 : tick < 30 ? 2 : 3;
  const phase = { kind: "stage" as const, stage, sinceMs: 0, confirmedAtMs: 0 };
  const base = rolloutIn(phase, POLICIES);
  return { ...base, table, stageTable: table, evidenceFrom: table === 3 ? 3 : 1 };
}

/** What a judgement says, without what says it. */
function toldBy({ decision, verdicts, requirements, trends }: Judgement): object {
  return { decision, verdicts, requirements, trends };
}

const ROLLOUTS = [0, 15, 30].map(rolloutAt);

test("evidence that was read from JSON before every tick adds up to the same, and decides the same", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = createRandom(seed);
      let kept: Evidence = emptyEvidence(1);
      let read: Evidence = emptyEvidence(1);
      for (let tick = 0; tick < 45; tick++) {
        const rollout = ROLLOUTS[Math.floor(tick / 15)] ?? rolloutAt(tick);
        const seen = drawnTick(tick, rollout.table, random);
        kept = absorb(kept, rollout, seen);
        read = JSON.parse(
          JSON.stringify(absorb(read, rollout, JSON.parse(JSON.stringify(seen)) as Tick)),
        ) as Evidence;
        assert.equal(JSON.stringify(kept), JSON.stringify(read));
        assert.deepEqual(
          toldBy(decide({ rollout, evidence: kept }, seen.endMs)),
          toldBy(decide({ rollout, evidence: read }, seen.endMs)),
        );
      }
    }),
    { numRuns: 15 },
  );
});

test("what is kept for one moment does not answer for the next: the same evidence is judged anew when a rollout moves", () => {
  const random = createRandom(5);
  const [first, second] = ROLLOUTS;
  assert.ok(first !== undefined && second !== undefined);
  let evidence: Evidence = emptyEvidence(1);
  for (let tick = 0; tick < 15; tick++) {
    evidence = absorb(evidence, first, drawnTick(tick, 1, random));
  }
  const margin = (rollout: Rollout): number | undefined =>
    decide({ rollout, evidence }, 150_000).verdicts.find(({ guard }) => guard === "slow")?.finding
      ?.going.margin;
  assert.deepEqual([margin(first), margin(second), margin(first)], [2, 1.5, 2]);
});
