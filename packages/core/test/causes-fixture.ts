// Ticks of an incident whose cause is known: both arms alike but for what a test plants, drawn from a seed.
import {
  type Analysis,
  addTick,
  analysisOf,
  binomial,
  causeAskOf,
  createRandom,
  type EvidencePolicy,
  type EvidenceRow,
  emptyFeedback,
  emptyReplica,
  emptyRow,
  episodesOf,
  incidentOf,
  logNormal,
  type Mishap,
  type Policy,
  type Random,
  type RecordedEvent,
  record,
  startCounts,
  type Tick,
  tallyOf,
} from "@slipway/core";
import { TICK_MS } from "./incident-fixture.ts";
import { POLICY } from "./rollout-fixture.ts";

const SEGMENTS = ["go", "rust", "python", "java"];
const REPLICAS = ["one", "two", "three", "four"];
const LANGUAGE: EvidencePolicy["segments"] = [
  { name: "language", header: "x-language", field: null, detect: null },
];
export const BY_LANGUAGE: Policy = {
  ...POLICY,
  evidence: { ...POLICY.evidence, segments: LANGUAGE },
};

/** What one request meets; nothing where nothing is planted for it. */
type Planted = {
  readonly outcome?: Exclude<Mishap, "refused" | "empty" | "cut-off">;
  readonly refused?: true;
  readonly slower?: number;
  readonly outputs?: number;
};

type Where = {
  readonly arm: EvidenceRow["arm"];
  readonly tick: number;
  readonly segment: string;
  readonly replica: string;
  readonly inputTokens: number;
  readonly random: Random;
};

export type Plant = (where: Where) => Planted | null;

/** The candidate's requests in a tick: none, a twentieth, a quarter. */
const SHARES = [0, 60, 300];

function plantedTick(tick: number, plant: Plant, random: Random): Tick {
  const rows = (["stable", "candidate"] as const).flatMap((arm) => {
    const n = arm === "stable" ? 900 : (SHARES[tick < 6 ? 0 : tick < 12 ? 1 : 2] ?? 0);
    return SEGMENTS.map((segment) =>
      rowOf(arm, tick, segment, binomial(random, n, 0.25), plant, random),
    );
  });
  return { rolloutId: "r-1", tick, endMs: (tick + 1) * TICK_MS, missing: [], rows };
}

function rowOf(
  arm: EvidenceRow["arm"],
  tick: number,
  segment: string,
  n: number,
  plant: Plant,
  random: Random,
): EvidenceRow {
  const row = emptyRow({ rolloutId: "r-1", table: 1 + tick, tick, arm, via: "split", segment });
  for (let i = 0; i < n; i++) {
    const replica = REPLICAS[Math.floor(random.next() * REPLICAS.length)] ?? "";
    const inputTokens = Math.round(logNormal(random, 1_000, 1));
    const usual: Planted = random.next() < 0.01 ? { outcome: "server_error" } : {};
    const met = plant({ arm, tick, segment, replica, inputTokens, random }) ?? usual;
    count(row, met, { replica, inputTokens, random });
  }
  return row;
}

type Request = Pick<Where, "replica" | "inputTokens" | "random">;

function count(row: EvidenceRow, met: Planted, { replica, inputTokens, random }: Request): void {
  const { outcome = "ok" } = met;
  row.arrivals++;
  row.judged++;
  row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
  const server = row.replicas[replica] ?? emptyReplica();
  row.replicas[replica] = server;
  server.counted++;
  if (outcome !== "ok") {
    server.mishaps[outcome] = (server.mishaps[outcome] ?? 0) + 1;
    if (outcome === "overdue") row.latency.total.over++;
    if (row.failed.length < 8) row.failed.push({ outcome, estimatedTokens: inputTokens });
    return;
  }
  const ending = met.refused === true ? "refused" : "answered";
  row.endings[ending] = (row.endings[ending] ?? 0) + 1;
  if (ending === "refused") server.mishaps.refused = (server.mishaps.refused ?? 0) + 1;
  const totalMs = logNormal(random, 200, 0.4) * (met.slower ?? 1);
  record(row.latency.total, totalMs);
  if (row.samples.length < 8) {
    const outputTokens = 100;
    const base = { cachedTokens: 0, outputTokens, ttftMs: totalMs / 2, inFlight: 1, replica };
    row.samples.push({ ...base, inputTokens, estimatedTokens: inputTokens, totalMs });
  }
}

/** Reports of memory and crashes, so many with each tick. */
export function withHealth(
  tick: Tick,
  reports: number,
  crashes: (row: EvidenceRow) => number,
): Tick {
  for (const row of tick.rows) {
    const feedback = emptyFeedback();
    const bad = row.arrivals === 0 ? 0 : crashes(row);
    feedback.health.reports = row.arrivals === 0 ? 0 : reports;
    feedback.tallies["crashes"] = { n: feedback.health.reports, bad, buckets: {} };
    row.feedback = feedback;
  }
  return tick;
}

const TICKS = 22;

export function plantedTicks(plant: Plant, seed = 1): readonly Tick[] {
  const random = createRandom(seed);
  return Array.from({ length: TICKS }, (_, tick) => plantedTick(tick, plant, random));
}

/** Of the first incident in the journal. */
export function analysisIn(entries: readonly RecordedEvent[], ticks: readonly Tick[]): Analysis {
  const first = entries[0]?.event;
  const [episode] = episodesOf(entries);
  if (first?.type !== "started" || episode === undefined) throw new Error("no incident");
  const rollout = { ...first.rollout, policy: BY_LANGUAGE };
  const tallies = ticks.map((tick) => tallyOf(tick, TICK_MS, "total"));
  const incident = incidentOf({ rollout, entries, episode, ticks: tallies });
  const counts = startCounts(causeAskOf({ rollout, entries, episode, incident }));
  for (const tick of ticks) addTick(counts, tick);
  return analysisOf(incident.id, counts);
}
