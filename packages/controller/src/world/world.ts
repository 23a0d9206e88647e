// What a controller holds in memory: the store's content that still matters. Never changed in place; a turn makes
// a draft of it, and the draft becomes the world once it is committed.

import type {
  Baseline,
  DriftBook,
  DrillRecord,
  DrillUnderWay,
  Evidence,
  EvidenceRow,
  GateEvidence,
  Lapse,
  Lesson,
  MirrorOrder,
  MirrorRow,
  Model,
  PreflightLease,
  Rollout,
  Table,
} from "@slipway/core";
import type { MemberRecord } from "../evidence/member.ts";
import type { JournalTail } from "../journal/journal-tail.ts";
import type { Outbox } from "../notify/outbox-book.ts";
import type { FreezeBook } from "../orders/freeze-book.ts";
import type { Communications } from "../status/communications-book.ts";

/** The version that a completed rollout left behind, kept for a one-step revert. */
type Warm = {
  readonly version: string;
  readonly untilMs: number;
  readonly rollout: string;
};

/** A mirror under way, or the last one: what was ordered, by whom, and what was seen. */
export type MirrorRecord = {
  readonly order: MirrorOrder;
  readonly startedAtMs: number;
  /** When it ends by itself; absent for when somebody stops it. */
  readonly endsAtMs?: number;
  readonly startedBy: string;
  readonly reason: string;
  readonly stopped: { readonly atMs: number; readonly by: string; readonly reason: string } | null;
  readonly seen: MirrorRow;
};

export type KnownModel = {
  readonly model: Model;
  readonly warm: Warm | null;
  readonly mirror: MirrorRecord | null;
  /** In the order in which they were accepted; none where absent. */
  readonly lessons?: readonly Lesson[];
  /** The oldest first: the last one is in force. None where absent. */
  readonly baselines?: readonly Baseline[];
  /** Who runs its gates, or did last; nobody ever where absent. */
  readonly flight?: PreflightLease;
  /** What is watched for drift, and what was; nothing where absent. */
  readonly drift?: DriftBook;
  /** The one under way; none where absent. */
  readonly drilling?: DrillUnderWay;
  /** Those that have ended, the oldest first; none where absent. */
  readonly drills?: readonly DrillRecord[];
  /** What its schedules ask for and could not be done the last time; nothing where absent. */
  readonly lapses?: readonly Lapse[];
};

/** Rows that wait for their tick to mature: by tick, then by row key. */
export type Pending = ReadonlyMap<number, ReadonlyMap<string, EvidenceRow>>;

/** A rollout that still moves, or has ended and still absorbs the evidence of its last requests. */
export type Running = {
  readonly rollout: Rollout;
  readonly evidence: Evidence;
  readonly tail: JournalTail;
  /** Hash of the last consumed tick. */
  readonly tickHash: string;
  readonly pending: Pending;
  readonly lateRequests: number;
};

/**
 * Numbers of tables that gateways followed though this store never made them: it was put back to an earlier state.
 * Kept in memory alone: a gateway that has not left such a table by the next start has no lease.
 */
export type TableGap = { readonly above: number; readonly upTo: number };

export type World = {
  readonly storeId: string;
  readonly fence: number;
  /** When this controller had read the store: from then on members can send it what they kept. */
  readonly openedAtMs: number;
  readonly table: Table;
  readonly tableGap: TableGap | null;
  readonly models: ReadonlyMap<string, KnownModel>;
  readonly freezes: FreezeBook;
  /** What gates have found, by model; the oldest first. */
  readonly preflights: ReadonlyMap<string, readonly GateEvidence[]>;
  readonly communications: Communications;
  readonly outbox: Outbox;
  readonly running: ReadonlyMap<string, Running>;
  readonly members: ReadonlyMap<string, MemberRecord>;
  /** When each lease ends, on this controller's monotonic clock. */
  readonly leases: ReadonlyMap<string, number>;
};

export function pendingRowsOf(running: Running): number {
  let rows = 0;
  for (const tick of running.pending.values()) rows += tick.size;
  return rows;
}
