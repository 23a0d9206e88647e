// What is kept of ticks until a forecast is due says the same of them as the ticks themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRandom,
  type EvidenceRow,
  emptyRow,
  observationOf,
  observedOf,
  type Random,
  record,
  type ServingArm,
  type Tick,
  type Via,
} from "@slipway/core";
import { POLICY } from "./rollout-fixture.ts";

const SEGMENTS = ["go", "python"];

function rowOf(tick: number, arm: ServingArm, via: Via, segment: string, r: Random): EvidenceRow {
  const row = emptyRow({ rolloutId: "r", table: tick < 4 ? 1 : 2, tick, arm, via, segment });
  const ok = Math.floor(r.next() * 30);
  Object.assign(row, { arrivals: ok + 1, inFlightMs: 100 * ok, outcomes: { ok, server_error: 1 } });
  row.tokens = { input: 10 * ok, cached: ok, output: 5 * ok };
  for (let i = 0; i < ok; i++) {
    const totalMs = 50 + Math.floor(r.next() * 2_000);
    for (const time of ["total", "ttft", "tpot"] as const) record(row.latency[time], totalMs);
    if (row.samples.length === 8) continue;
    const tokens = { inputTokens: 10, estimatedTokens: 9, cachedTokens: 1, outputTokens: 5 };
    row.samples.push({ ...tokens, ttftMs: 20, totalMs, inFlight: i, replica: "a" });
  }
  return row;
}

function tickOf(tick: number, random: Random): Tick {
  const rows = (["candidate", "stable"] as const).flatMap((arm) =>
    (["split", "ring"] as const).flatMap((via) =>
      SEGMENTS.map((segment) => rowOf(tick, arm, via, segment, random)),
    ),
  );
  return { rolloutId: "r", tick, endMs: (tick + 1) * 10_000, missing: [], rows };
}

test("rows of an arm that are kept together are observed as they were apart", () => {
  const random = createRandom(3);
  const ticks = Array.from({ length: 12 }, (_, tick) => tickOf(tick, random));
  const rollout = { stageTable: 2, policy: POLICY };
  const kept = ticks.map(observedOf);
  assert.deepEqual(observationOf(kept, rollout), observationOf(ticks, rollout));
  assert.ok(kept.every(({ rows }) => rows.length === 4));
  assert.ok(observationOf(kept, rollout).samples.length > 100);
});
