// absorb(evidence, rollout, tick) → evidence: one mature tick added to what a rollout has learnt.

import { type DistinctSum, distinctCount, plusAllDistinct } from "../distinct.ts";
import { requestsNeeded } from "../guards/comparison.ts";
import { isSequential } from "../guards/guard.ts";
import { gather, plannedTicks } from "../guards/sequential/gather.ts";
import { emptyGuardEvidence } from "../guards/sequential/guard-evidence.ts";
import { withLot } from "../lot/lot-evidence.ts";
import { candidateSlotsOf, slotsMaxOf } from "../rollout/phase.ts";
import type { Rollout } from "../rollout/rollout.ts";
import { SLOTS } from "../slots.ts";
import { gatherTrends } from "../trends/gather-trends.ts";
import { withAccount } from "./account.ts";
import { rowsThat } from "./arm-latency.ts";
import { type ArmSums, type Evidence, MANY_USERS, NO_STAGE_COUNTS } from "./evidence.ts";
import { countedOf, type EvidenceRow, isCompared } from "./row.ts";
import { NO_SENDERS, withSenders } from "./senders.ts";
import { watchStable } from "./stable-level.ts";
import type { Tick } from "./tick.ts";
import { armSumOf, type Wanted, type WholeSum, wantedOf } from "./window.ts";
import { rollSums, windowSums } from "./window-sums.ts";

/** Ticks are absorbed in order, once each; a tick at or below the watermark is an error of the caller. */
export function absorb(evidence: Evidence, rollout: Rollout, tick: Tick): Evidence {
  return { ...learn(evidence, rollout, tick), ...withAccount(evidence, tick.rows) };
}

/** All that decisions follow from, for whoever only wants those: of who was affected, it knows what was known before. */
export function learn(evidence: Evidence, rollout: Rollout, tick: Tick): Evidence {
  if (tick.tick <= evidence.watermark) {
    throw new RangeError(`tick ${tick.tick} is not after the watermark ${evidence.watermark}`);
  }
  const restarted = evidence.evidenceFrom !== rollout.evidenceFrom;
  const before = restarted ? { window: [], tests: {}, senders: NO_SENDERS } : evidence;
  const { evidenceFrom } = rollout;
  const rows = rowsThat(tick.rows, (row) => row.table >= evidenceFrom && isCompared(row));
  const window = withTick(before.window, rollout, tick, rows);
  const tests = gatherAll(before, rollout, tick, rows);
  rollSums(before.window, window);
  return {
    watermark: tick.tick,
    endMs: tick.endMs,
    window,
    tests,
    senders: withSenders(before.senders, rows),
    keptStable: keepStable(evidence.keptStable, window, rollout),
    stableLevel: watchStable(evidence.stableLevel, rollout, tick, plannedTicks(rollout.policy)),
    stageTable: rollout.stageTable,
    evidenceFrom: rollout.evidenceFrom,
    stage: stageCounts(evidence, rollout, tick.rows),
    totals: evidence.totals,
    candidateUsers: plusUsers(evidence.candidateUsers, tick.rows),
    slices: evidence.slices,
    lot: withLot(evidence.lot, rollout, tick),
    trends: gatherTrends(evidence.trends, rollout, tick),
  };
}

function withTick(
  window: Evidence["window"],
  rollout: Rollout,
  tick: Tick,
  rows: readonly EvidenceRow[],
): Evidence["window"] {
  const { guards } = rollout.policy;
  const wanted = wantedOf(guards);
  const own = guards.flatMap(({ id, segment }): [string, ArmSums][] =>
    segment === null
      ? []
      : [
          [
            id,
            sumsOf(
              rows.filter((row) => row.segment === segment),
              wanted,
            ),
          ],
        ],
  );
  const entry = {
    tick: tick.tick,
    endMs: tick.endMs,
    missing: tick.missing,
    ...sumsOf(rows, wanted),
    own: Object.fromEntries(own),
  };
  const kept = window.filter((old) => old.endMs > tick.endMs - longestMs(rollout));
  return [...kept, entry];
}

function longestMs({ policy }: Rollout): number {
  return policy.guards.reduce((longest, { windowMs }) => Math.max(longest, windowMs), 0);
}

function sumsOf(rows: readonly EvidenceRow[], wanted: Wanted): ArmSums {
  return {
    stable: armSumOf(rows, "stable", wanted),
    candidate: armSumOf(rows, "candidate", wanted),
  };
}

function gatherAll(
  { window, tests, senders }: Pick<Evidence, "window" | "tests" | "senders">,
  rollout: Rollout,
  tick: Tick,
  rows: readonly EvidenceRow[],
): Evidence["tests"] {
  const { policy } = rollout;
  const slots = candidateSlotsOf(rollout.phase, policy);
  const seen = {
    endMs: tick.endMs,
    rows,
    split: rowsThat(rows, ({ via }) => via === "split"),
    isPartial: tick.missing.length > 0,
    isAlone: slots === SLOTS,
    isLast: slots < SLOTS && slots >= slotsMaxOf(policy),
    heavy: senders.heavy,
    window,
  };
  const planned = plannedTicks(policy);
  return Object.fromEntries(
    policy.guards.filter(isSequential).map((guard) => {
      const own = tests[guard.id] ?? emptyGuardEvidence(guard);
      return [guard.id, gather(own, guard, planned, seen)];
    }),
  );
}

/**
 * The stable arm's whole window: the latest that has enough requests for every guard, before that the fullest one. Not
 * any more when everybody is on the candidate: the window then runs dry, and its last scraps would replace a full one.
 */
function keepStable(
  kept: WholeSum | null,
  window: Evidence["window"],
  rollout: Rollout,
): WholeSum | null {
  const alone = candidateSlotsOf(rollout.phase, rollout.policy) === SLOTS;
  if (alone && kept !== null) return kept;
  const needed = Math.max(1, ...rollout.policy.guards.map(requestsNeeded));
  const { stable } = windowSums(window, { windowMs: longestMs(rollout), own: null });
  if (stable.counted < needed && stable.counted <= (kept?.counted ?? 0)) return kept;
  return stable;
}

function stageCounts(
  evidence: Evidence,
  rollout: Rollout,
  rows: readonly EvidenceRow[],
): Evidence["stage"] {
  const same = evidence.stageTable === rollout.stageTable;
  const before = same ? evidence.stage : NO_STAGE_COUNTS;
  const counts = { ...before, apart: { ...before.apart }, turns: { ...before.turns } };
  for (const row of rows) {
    if (row.table < rollout.stageTable) continue;
    counts.keylessArrivals += row.keyless;
    counts.turns.known += row.turns.known;
    counts.turns.unknown += row.turns.unknown;
    if (row.arm === "candidate") counts.candidateCounted += countedOf(row);
    if (row.via !== "split") counts.apart[row.via] += row.arrivals;
    else if (row.arm === "candidate") counts.candidateArrivals += row.arrivals;
    else counts.stableArrivals += row.arrivals;
  }
  return counts;
}

/** Until there are so many that it does not matter any more how many. */
function plusUsers(sum: DistinctSum, rows: readonly EvidenceRow[]): DistinctSum {
  if (distinctCount(sum) >= MANY_USERS) return sum;
  const own = rows.filter(({ arm }) => arm === "candidate");
  return plusAllDistinct(
    sum,
    own.map(({ users }) => users),
  );
}
