// Opening: from a store's snapshot to the world in memory, every open rollout made again from its journal.

import {
  canonicalJson,
  type EvidenceRow,
  type GateEvidence,
  PREFLIGHT_LEASE_MS,
  type RolloutEvent,
  type Table,
} from "@slipway/core";
import { isLeased, type MemberRecord } from "../evidence/member.ts";
import { startFrom } from "../journal/checkpoint.ts";
import { EMPTY_TAIL, type JournalTail, tailAfter } from "../journal/journal-tail.ts";
import { type Replayed, replay } from "../journal/replay.ts";
import { outboxFrom } from "../notify/outbox-book.ts";
import { type FreezeBook, NO_FREEZES } from "../orders/freeze-book.ts";
import { damagedJournal } from "../refusal.ts";
import { communicationsFrom } from "../status/communications-book.ts";
import type {
  Snapshot,
  Store,
  StoredEntry,
  StoredRollout,
  StoredRow,
  StoredTick,
} from "../store/store.ts";
import type { KnownModel, Pending, Running, World } from "./world.ts";

export type LoadClock = { readonly nowMs: number; readonly monoMs: number };

export async function loadWorld(store: Store, clock: LoadClock): Promise<World> {
  const snapshot = await store.open();
  const table = await currentTable(store, snapshot, clock.nowMs);
  const running = new Map<string, Running>();
  for (const stored of snapshot.openRollouts) {
    const rows = snapshot.rows.filter(({ rolloutId }) => rolloutId === stored.id);
    running.set(stored.id, await runningOf(store, stored, rows));
  }
  const members = snapshot.members.map(({ text }) => recordOf(text));
  const models = snapshot.models.map(({ text }) => JSON.parse(text) as KnownModel);
  return {
    storeId: snapshot.storeId,
    fence: snapshot.fence,
    openedAtMs: clock.nowMs,
    table,
    tableGap: null,
    models: new Map(models.map((known) => [known.model.name, known])),
    freezes: snapshot.freezes === null ? NO_FREEZES : (JSON.parse(snapshot.freezes) as FreezeBook),
    preflights: new Map(
      snapshot.preflights.map(({ model, text }) => [model, JSON.parse(text) as GateEvidence[]]),
    ),
    communications: communicationsFrom(snapshot.settings),
    outbox: outboxFrom(snapshot),
    running,
    members: new Map(members.map((record) => [record.member.incarnation, record])),
    // Who was leased may have been renewed a moment before the last leader stopped: count from now.
    leases: new Map(
      members
        .filter(isLeased)
        .map((record) => [record.member.incarnation, clock.monoMs + record.leaseMs]),
    ),
  };
}

/** Records of an earlier release say nothing of losses. */
function recordOf(text: string): MemberRecord {
  return { lost: null, ...(JSON.parse(text) as Omit<MemberRecord, "lost">) };
}

/** The newest moment that the store knows of. */
export function newestMsOf({ table, running, members, models }: World): number {
  return Math.max(
    table.mintedAtMs,
    ...[...members.values()].map(({ seenAtMs }) => seenAtMs),
    ...[...running.values()].map(({ tail }) => tail.recent.at(-1)?.event.atMs ?? 0),
    ...[...running.values()].map(({ evidence }) => evidence.endMs ?? 0),
    // When a lease was renewed last: a clock that was set back would let it hold for as much longer.
    ...[...models.values()].map(({ flight }) => (flight?.expiresAtMs ?? 0) - PREFLIGHT_LEASE_MS),
  );
}

/** A new store gets its first, empty table at once, so that gateways always have one to follow. */
async function currentTable(store: Store, snapshot: Snapshot, nowMs: number): Promise<Table> {
  if (snapshot.table !== null) return JSON.parse(snapshot.table.text) as Table;
  const table: Table = {
    storeId: snapshot.storeId,
    number: 1,
    mintedAtMs: nowMs,
    routes: [],
    clients: null,
    pools: [],
  };
  await store.commit(snapshot.fence, [
    { kind: "put-table", number: 1, text: canonicalJson(table) },
  ]);
  return table;
}

async function runningOf(
  store: Store,
  stored: StoredRollout,
  rows: readonly StoredRow[],
): Promise<Running> {
  let tail = EMPTY_TAIL;
  const from = startFrom(await store.checkpoint(stored.id));
  let tickHash = from?.tickHash ?? "";
  const observer = {
    onEntry: (entry: StoredEntry, event: RolloutEvent) => {
      tail = extended(tail, entry, event);
    },
    onTick: ({ hash }: StoredTick) => {
      tickHash = hash;
    },
  };
  const state = await replay(store, stored.id, { observer, from: from?.evidence ?? null }).catch(
    (error: unknown): Replayed => {
      throw damagedJournal(stored.id, error instanceof Error ? error.message : String(error));
    },
  );
  if (state === null) throw damagedJournal(stored.id, "it is empty");
  return { ...state, tail, tickHash, pending: pendingOf(rows), lateRequests: stored.lateRequests };
}

function extended(tail: JournalTail, entry: StoredEntry, event: RolloutEvent): JournalTail {
  const { rolloutId, sequence, hash } = entry;
  return tailAfter(tail, { rolloutId, sequence, event, hash });
}

function pendingOf(rows: readonly StoredRow[]): Pending {
  const pending = new Map<number, Map<string, EvidenceRow>>();
  for (const { tick, key, text } of rows) {
    const own = pending.get(tick) ?? new Map<string, EvidenceRow>();
    own.set(key, JSON.parse(text) as EvidenceRow);
    pending.set(tick, own);
  }
  return pending;
}
