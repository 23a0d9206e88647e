// Accepting frames: each counted once by (incarnation, sequence), its rows merged into those that wait for their
// tick, its member remembered, its lease renewed. Frames that arrive together become one commit.

import {
  type EvidenceRow,
  emptyRow,
  isFinished,
  mergeRowInto,
  rowKeyText,
  type TripReport,
} from "@slipway/core";
import type { Acknowledgement, Frame } from "@slipway/wire";
import { append } from "../journal/journal.ts";
import { recordMirrored } from "../orders/mirror.ts";
import type { Digest } from "../ports.ts";
import { tooManyMembers } from "../refusal.ts";
import {
  type Draft,
  deleteMember,
  isOwnTable,
  mintAbove,
  ownMap,
  putMember,
  putRollout,
} from "../world/draft.ts";
import { pendingRowsOf, type Running } from "../world/world.ts";
import { nextTickOf } from "./maturity.ts";
import {
  hasConfirmed,
  isAlive,
  isLeased,
  type Loss,
  MEMBERS_MAX,
  type MemberRecord,
} from "./member.ts";

/** A rollout's rows waiting for their ticks, at most; what comes above is counted as late. */
const PENDING_ROWS_MAX = 50_000;
/**
 * A row of a tick further ahead than this comes from a clock that is off. Workers may well be ahead: they went on while
 * the controller was down and its wall clock was set back, or while they could not hear that it runs slower.
 */
const AHEAD_MS_MAX = 600_000;
/** Numbers above are no table's: adding one to them would soon not be exact. */
const TABLE_NUMBER_MAX = 2 ** 52;
/** While no model is known there is nothing to lease for; any length will do. */
const LEASE_DEFAULT_MS = 60_000;
/** How much slower a worker's clock may run than this controller's. Clocks of machines are slewed by a thousandth. */
const CLOCK_DRIFT_MAX = 0.01;

export type FrameClock = { readonly nowMs: number; readonly monoMs: number };

/** The acknowledgement holds once the draft is committed. */
export function acceptFrame(
  draft: Draft,
  frame: Frame,
  clock: FrameClock,
  digest: Digest,
): Acknowledgement {
  outnumber(draft, frame, clock.nowMs);
  const known = draft.members.get(frame.member.incarnation);
  if (known === undefined && draft.members.size >= MEMBERS_MAX) makeRoom(draft);
  // One frame at a time is sent until it is acknowledged: those between the last one here and this one were, by
  // this store before it was put back or by one that knew the member, so it continues from here.
  const isNew = known === undefined || frame.sequence > known.sequence;
  const heard = isNew
    ? recordOf(draft, known, frame, clock.nowMs)
    : { ...known, seenAtMs: clock.nowMs };
  if (isNew) mergeRows(draft, frame.rows, clock.nowMs);
  if (isNew) recordMirrored(draft, frame.mirrored);
  for (const report of frame.tripped) recordTrip(draft, frame, report, clock.nowMs, digest);
  const leaseMs = leaseOf(draft, heard, frame);
  putMember(draft, renewed(draft, heard, leaseMs, clock.monoMs));
  return acknowledgement(draft, frame.member.incarnation, heard.sequence, leaseMs, clock);
}

/** A gateway refuses lower numbers: it comes back from a table that this store never made by a higher one alone. */
function outnumber(draft: Draft, { storeId, confirmedTable }: Frame, nowMs: number): void {
  if (storeId !== draft.storeId || confirmedTable === null) return;
  if (confirmedTable <= draft.table.number || confirmedTable > TABLE_NUMBER_MAX) return;
  mintAbove(draft, confirmedTable, nowMs);
}

/** The table that it follows, if that is one of this store's: the numbers of others say nothing here. */
function confirmedOf(draft: Draft, { storeId, confirmedTable }: Frame): number | null {
  if (storeId !== draft.storeId || confirmedTable === null) return null;
  return isOwnTable(draft, confirmedTable) ? confirmedTable : null;
}

/** A gateway that crashes and restarts all the time must not keep others out: the oldest that ended goes. */
function makeRoom(draft: Draft): void {
  let oldest: MemberRecord | null = null;
  for (const record of draft.members.values()) {
    if (isLeased(record) || (oldest !== null && oldest.seenAtMs <= record.seenAtMs)) continue;
    oldest = record;
  }
  if (oldest === null) throw tooManyMembers(MEMBERS_MAX);
  deleteMember(draft, oldest.member.incarnation);
}

function acknowledgement(
  draft: Draft,
  incarnation: string,
  sequence: number,
  leaseMs: number,
  clock: FrameClock,
): Acknowledgement {
  const { storeId, table } = draft;
  return {
    sequence,
    leaseMs,
    nowMs: clock.nowMs,
    storeId,
    table: table.number,
    ...placeOf(draft, incarnation, clock.nowMs),
  };
}

/** Limits are for all workers together; each takes its share of them by these two. */
function placeOf(
  draft: Draft,
  incarnation: string,
  nowMs: number,
): Pick<Acknowledgement, "members" | "rank"> {
  let others = 0;
  let rank = 0;
  for (const [other, record] of draft.members) {
    if (other === incarnation || !isAlive(record, nowMs)) continue;
    others++;
    if (other < incarnation) rank++;
  }
  return { members: others + 1, rank };
}

function recordOf(
  draft: Draft,
  known: MemberRecord | undefined,
  frame: Frame,
  nowMs: number,
): MemberRecord {
  const confirmed = confirmedOf(draft, frame);
  const same = known !== undefined && known.confirmedTable === confirmed;
  return {
    member: frame.member,
    sequence: frame.sequence,
    asOfMs: Math.max(known?.asOfMs ?? 0, frame.asOfMs),
    confirmedTable: confirmed,
    confirmedAtMs: same ? known.confirmedAtMs : nowMs,
    candidateInFlight: ofRunning(draft, frame.candidateInFlight),
    candidateEndedAtMs: ofRunning(draft, {
      ...known?.candidateEndedAtMs,
      ...frame.candidateEndedAtMs,
    }),
    diverted: frame.diverted,
    ...(frame.told === undefined ? {} : { told: frame.told }),
    rowsDropped: (known?.rowsDropped ?? 0) + frame.rowsDropped,
    lost: lossOf(draft, known, frame),
    joinedAtMs: known?.joinedAtMs ?? nowMs,
    seenAtMs: nowMs,
    leaseMs: known?.leaseMs ?? 0,
    expiredAtMs: known?.expiredAtMs ?? null,
    leftAtMs: frame.goodbye ? nowMs : (known?.leftAtMs ?? null),
  };
}

/** Adds what the sender dropped, and what the frames held that never came here, to what was lost before. */
function lossOf(draft: Draft, known: MemberRecord | undefined, frame: Frame): Loss | null {
  const before = known?.lost ?? null;
  const isGap = frame.sequence > (known?.sequence ?? 0) + 1;
  if (!isGap && frame.rowsDropped === 0) return before;
  // A row belongs to the tick of arrival, which lies at most a horizon before the outcome.
  const horizonMs = Math.max(
    0,
    ...[...draft.running.values()].map(({ rollout }) => rollout.policy.evidence.horizonMs),
  );
  const fromMs = (known?.asOfMs ?? 0) - horizonMs;
  return {
    fromMs: Math.min(before?.fromMs ?? fromMs, fromMs),
    untilMs: Math.max(before?.untilMs ?? 0, frame.asOfMs),
  };
}

function ofRunning(
  draft: Draft,
  byRollout: { readonly [rolloutId: string]: number },
): { readonly [rolloutId: string]: number } {
  return Object.fromEntries(Object.entries(byRollout).filter(([id]) => draft.running.has(id)));
}

/**
 * Only a worker that follows the newest table is leased: one whose table stream is broken while its frames still
 * arrive would otherwise keep serving a candidate that has been rolled back.
 */
function leaseOf(draft: Draft, record: MemberRecord, frame: Frame): number {
  if (record.leftAtMs !== null || frame.storeId !== draft.storeId) return 0;
  if (!hasConfirmed(record, draft.table.number)) return 0;
  return draft.table.routes.reduce(
    (least, { lease }) => Math.min(least, lease.durationMs),
    draft.table.routes[0]?.lease.durationMs ?? LEASE_DEFAULT_MS,
  );
}

/**
 * The worker counts from when it sent the frame, this controller from now, and a little longer than the worker: it never
 * ends a lease too early, though the worker's clock be the slower one.
 */
function renewed(
  draft: Draft,
  record: MemberRecord,
  leaseMs: number,
  monoMs: number,
): MemberRecord {
  if (leaseMs === 0) return record;
  const { incarnation } = record.member;
  const before = isLeased(record) ? (draft.leases.get(incarnation) ?? 0) : 0;
  const endMs = Math.max(before, monoMs + leaseMs + Math.ceil(leaseMs * CLOCK_DRIFT_MAX));
  draft.leases.set(incarnation, endMs);
  // What is left of a longer one is stored too: whoever opens the store next counts from there.
  return { ...record, leaseMs: endMs - monoMs, expiredAtMs: null };
}

/** The first report alone: it rolls the rollout back in the next turn, whatever others say. */
function recordTrip(
  draft: Draft,
  { member }: Frame,
  report: TripReport,
  atMs: number,
  digest: Digest,
): void {
  const running = draft.running.get(report.rolloutId);
  if (running === undefined || running.rollout.trip !== null) return;
  const { phase, policy } = running.rollout;
  if (isFinished(phase) || phase.kind === "rolling-back" || !policy.trip.enabled) return;
  const { incarnation } = member;
  const trip = { ...report, worker: `${member.gateway}/${member.worker}`, incarnation };
  append(draft, running, { type: "tripped", atMs, trip }, digest);
}

function mergeRows(draft: Draft, rows: readonly EvidenceRow[], nowMs: number): void {
  const byRollout = Map.groupBy(rows, ({ rolloutId }) => rolloutId);
  for (const [rolloutId, own] of byRollout) {
    const running = draft.running.get(rolloutId);
    // Rows of a rollout whose evidence is closed change nothing any more.
    if (running !== undefined) mergeInto(draft, running, own, nowMs);
  }
}

function mergeInto(
  draft: Draft,
  running: Running,
  rows: readonly EvidenceRow[],
  nowMs: number,
): void {
  const { rollout } = running;
  const firstTick = nextTickOf(running);
  const lastTick = Math.floor((nowMs + AHEAD_MS_MAX) / rollout.policy.evidence.tickMs);
  const pending = ownMap(draft, running.pending);
  const written = draft.rows.get(rollout.id) ?? new Map<string, EvidenceRow>();
  draft.rows.set(rollout.id, written);
  let room = PENDING_ROWS_MAX - pendingRowsOf(running);
  let { lateRequests } = running;
  for (const row of rows) {
    const inTime = row.tick >= firstTick && row.tick <= lastTick;
    if (!inTime || room <= 0) {
      lateRequests += row.arrivals;
      continue;
    }
    const tick = ownMap(draft, pending.get(row.tick));
    const key = rowKeyText(row);
    const waiting = tick.get(key);
    if (waiting === undefined) room--;
    const merged = waiting === undefined ? row : mergedRow(draft, waiting, row);
    tick.set(key, merged);
    written.set(key, merged);
    pending.set(row.tick, tick);
  }
  const next = { ...running, pending, lateRequests };
  if (lateRequests === running.lateRequests) draft.running.set(rollout.id, next);
  else putRollout(draft, next);
}

/**
 * A draft may be thrown away, so a waiting row that others see stays as it is, and so does a frame, which may come again.
 * To add it to nothing is the quickest way to copy it.
 */
function mergedRow({ own }: Draft, waiting: EvidenceRow, row: EvidenceRow): EvidenceRow {
  const isOwn = own.has(waiting);
  const sum = isOwn ? waiting : emptyRow(waiting);
  if (!isOwn) mergeRowInto(sum, waiting);
  own.add(sum);
  mergeRowInto(sum, row);
  return sum;
}
