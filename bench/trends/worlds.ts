// Drawn rollouts in one stage: clients whose memory may leak, answers that may get slower hour by hour, and requests of
// which some may get lost. Core's own absorb sees them, tick by tick.
import {
  absorb,
  apply,
  createRandom,
  type Evidence,
  type EvidenceRow,
  emptyEvidence,
  emptyFeedback,
  emptyRow,
  KEY_BUCKETS,
  logNormal,
  normal,
  type Policy,
  poisson,
  type Random,
  type Rollout,
  record,
  type ServingArm,
  sampleRatioLogE,
  splitOf,
  type TrendLook,
} from "@slipway/core";

const HOUR_MS = 3_600_000;
const SLOT_MINUTES = 10;

/** Table of the stage, and of all requests. */
const TABLE = 2;

/** In its first stage, of so many percent, with trends alone. */
export function rolloutAt(policy: Policy, percent: number, tickMs: number): Rollout {
  const stages = policy.stages.map((stage, index) => (index === 0 ? { ...stage, percent } : stage));
  const own = { ...policy, stages, guards: [], evidence: { ...policy.evidence, tickMs } };
  const rollout = { id: "r", model: "m", from: "a", to: "b", policy: own };
  const begun = apply(null, {
    type: "started",
    atMs: 0,
    table: 1,
    rollout: { ...rollout, startedBy: "bench", reason: "", sharedPools: [] },
  });
  const cause = { kind: "evidence" as const, because: { code: "bench", text: "" } };
  const move = { kind: "advance" as const, stage: 0 };
  return apply(begun, { type: "moved", atMs: 0, move, cause, table: TABLE, look: null });
}

function rowOf(tick: number, arm: ServingArm): EvidenceRow {
  const key = { rolloutId: "r", table: TABLE, tick, arm, via: "split" as const, segment: "all" };
  return emptyRow(key);
}

function plusTick(
  before: Evidence,
  rollout: Rollout,
  tick: number,
  rows: readonly EvidenceRow[],
): Evidence {
  const endMs = (tick + 1) * rollout.policy.evidence.tickMs;
  return absorb(before, rollout, { rolloutId: "r", tick, endMs, missing: [], rows });
}

export type Leak = {
  /** Of the candidate's clients, MiB a minute. */
  readonly perMinute: number;
  /** Whether stable has clients too. */
  readonly isPaired: boolean;
};

/** Clients start at 700 MiB, warm up for an hour, swing by 60 MiB as they collect garbage, and their level wanders. */
const CLIENTS_PER_SLOT = 40;
const LEVEL_MIB = 700;
const WARM_UP_MIB = 250;
const SAW_TOOTH_MIB = 60;
const WANDER_MIB = 4;
const WANDER_KEEPS = 0.6;
const CLIENTS_DIFFER = 0.25;

/** What the trend of client memory said at each of its looks. */
export function leakLooks(rollout: Rollout, leak: Leak, hours: number, seed: number): TrendLook[] {
  const random = createRandom(seed);
  const wander = { stable: 0, candidate: 0 };
  let evidence = emptyEvidence(TABLE);
  const looks: TrendLook[] = [];
  for (let slot = 0; slot <= hours * 6; slot++) {
    const minutes = slot * SLOT_MINUTES;
    const rows = (
      leak.isPaired ? (["stable", "candidate"] as const) : (["candidate"] as const)
    ).map((arm) => {
      wander[arm] = WANDER_KEEPS * wander[arm] + WANDER_MIB * normal(random);
      const grown = arm === "candidate" ? leak.perMinute * minutes : 0;
      const warm = WARM_UP_MIB * (1 - Math.exp(-minutes / 60));
      return clientsRow(rowOf(slot, arm), LEVEL_MIB + warm + grown + wander[arm], random);
    });
    evidence = plusTick(evidence, rollout, slot, rows);
    const look = evidence.trends.series["client-memory"]?.look ?? null;
    if (look !== null && look.atMs !== looks.at(-1)?.atMs) looks.push(look);
  }
  return looks;
}

function clientsRow(row: EvidenceRow, level: number, random: Random): EvidenceRow {
  const feedback = emptyFeedback();
  for (let client = 0; client < CLIENTS_PER_SLOT; client++) {
    const own = logNormal(random, level, CLIENTS_DIFFER);
    record(feedback.health.memory, own + SAW_TOOTH_MIB * random.next());
  }
  row.feedback = feedback;
  return row;
}

/** Until the limit, from a look, as the leak alone says. */
export function trueExhaustionMs({ current, limit }: TrendLook, { perMinute }: Leak): number {
  return ((limit - current) / (perMinute * 60)) * HOUR_MS;
}

const ANSWERS_PER_SLOT = { stable: 800, candidate: 200 };
const ANSWER_MS = 400;
const ANSWERS_DIFFER = 0.8;

/** Answers whose median follows the day, by half of it, and gets slower on the candidate by so many ms an hour. */
export function slowerLooks(
  rollout: Rollout,
  perHour: number,
  hours: number,
  seed: number,
): TrendLook[] {
  const random = createRandom(seed);
  const morning = random.next() * 24;
  let evidence = emptyEvidence(TABLE);
  const looks: TrendLook[] = [];
  for (let slot = 0; slot <= hours * 6; slot++) {
    const day = 1 + 0.5 * Math.sin(((slot / 6 + morning) / 24) * 2 * Math.PI);
    const rows = (["stable", "candidate"] as const).map((arm) => {
      const row = rowOf(slot, arm);
      const median = ANSWER_MS * day + (arm === "candidate" ? (perHour * slot) / 6 : 0);
      for (let i = 0; i < ANSWERS_PER_SLOT[arm]; i++) {
        record(row.latency.total, logNormal(random, median, ANSWERS_DIFFER));
      }
      return row;
    });
    evidence = plusTick(evidence, rollout, slot, rows);
    const look = evidence.trends.series["latency"]?.look ?? null;
    if (look !== null && look.atMs !== looks.at(-1)?.atMs) looks.push(look);
  }
  return looks;
}

export type Sending = {
  readonly perMinute: number;
  /** Part of the candidate's requests that ever reaches a gateway. */
  readonly arrives: number;
  /** Of those that do, the part whose answer comes to its end. */
  readonly completes: number;
  /** Users, each with a rate of their own; null for requests that nothing ties together. */
  readonly users: number | null;
};

export type SplitCourse = {
  /** Minutes until the split is surely off; null if it never was. */
  readonly foundMinutes: number | null;
  /** The same, were requests taken to be independent. */
  readonly plainMinutes: number | null;
};

const USERS_DIFFER = 1;
const COMPLETES_ON_STABLE = 0.995;

export function splitCourse(
  rollout: Rollout,
  share: number,
  sending: Sending,
  minutes: number,
  seed: number,
): SplitCourse {
  const random = createRandom(seed);
  const rates = ratesOf(sending, share, random);
  let evidence = emptyEvidence(TABLE);
  let plainMinutes: number | null = null;
  for (let tick = 0; tick < minutes; tick++) {
    const rows = (["stable", "candidate"] as const).map((arm) => {
      const row = rowOf(tick, arm);
      const completes = arm === "stable" ? COMPLETES_ON_STABLE : sending.completes;
      row.buckets.arrivals = rates[arm].map((rate) => poisson(random, rate));
      row.arrivals = row.buckets.arrivals.reduce((sum, n) => sum + n, 0);
      row.judged = row.arrivals;
      const failed = Math.min(row.arrivals, poisson(random, row.arrivals * (1 - completes)));
      row.outcomes = { ok: row.arrivals - failed, server_error: failed };
      return row;
    });
    evidence = plusTick(evidence, rollout, tick, rows);
    const split = splitOf(rollout, evidence);
    const requests = split?.tests[0];
    const counts = [requests?.candidate ?? 0, requests?.stable ?? 0];
    if (sampleRatioLogE(counts, [share, 1 - share]) >= Math.log(1_000)) plainMinutes ??= tick + 1;
    if (split?.isOff === true) return { foundMinutes: tick + 1, plainMinutes };
  }
  return { foundMinutes: null, plainMinutes };
}

/** Requests a minute by arm and key bucket. */
function ratesOf(
  { perMinute, arrives, users }: Sending,
  share: number,
  random: Random,
): Readonly<Record<ServingArm, readonly number[]>> {
  const even = (rate: number): number[] => new Array(KEY_BUCKETS).fill(rate / KEY_BUCKETS);
  if (users === null) {
    return { stable: even(perMinute * (1 - share)), candidate: even(perMinute * share * arrives) };
  }
  const rates = { stable: even(0), candidate: even(0) };
  const mean = Math.exp(USERS_DIFFER ** 2 / 2);
  for (let user = 0; user < users; user++) {
    const arm = random.next() < share ? "candidate" : "stable";
    const bucket = Math.floor(random.next() * KEY_BUCKETS);
    const rate = (logNormal(random, 1, USERS_DIFFER) / mean) * (perMinute / users);
    const arriving = arm === "candidate" ? arrives : 1;
    rates[arm][bucket] = (rates[arm][bucket] ?? 0) + rate * arriving;
  }
  return rates;
}
