// A draft: the world as it will be after a turn, with the changes that make the store agree. Nothing of it is
// visible before it is committed; a turn that throws leaves no trace.

import {
  canonicalJson,
  type EvidenceRow,
  type GateEvidence,
  isFinished,
  type Rollout,
  type Route,
  routesOf,
  type Table,
} from "@slipway/core";
import type { JournalEntry } from "@slipway/wire";
import type { MemberRecord } from "../evidence/member.ts";
import type { Outbox } from "../notify/outbox-book.ts";
import type { FreezeBook } from "../orders/freeze-book.ts";
import type { Communications } from "../status/communications-book.ts";
import type { Change } from "../store/store.ts";
import type { KnownModel, Running, TableGap, World } from "./world.ts";

export type Draft = {
  readonly storeId: string;
  readonly fence: number;
  readonly openedAtMs: number;
  table: Table;
  tableGap: TableGap | null;
  readonly models: Map<string, KnownModel>;
  freezes: FreezeBook;
  readonly preflights: Map<string, readonly GateEvidence[]>;
  communications: Communications;
  outbox: Outbox;
  readonly running: Map<string, Running>;
  readonly members: Map<string, MemberRecord>;
  readonly leases: Map<string, number>;
  readonly changes: Change[];
  /** Rows that it has changed, by rollout and key: written once, however many frames brought some of them. */
  readonly rows: Map<string, Map<string, EvidenceRow>>;
  /** Maps and rows that it has made, and may change as long as nobody else sees them. */
  readonly own: Set<object>;
  /** Journal entries of this turn, in order, and whether each is of a drill. */
  readonly entries: { readonly entry: JournalEntry; readonly isDrill: boolean }[];
};

export function draftOf(world: World): Draft {
  return {
    storeId: world.storeId,
    fence: world.fence,
    openedAtMs: world.openedAtMs,
    table: world.table,
    tableGap: world.tableGap,
    models: new Map(world.models),
    freezes: world.freezes,
    preflights: new Map(world.preflights),
    communications: world.communications,
    outbox: world.outbox,
    running: new Map(world.running),
    members: new Map(world.members),
    leases: new Map(world.leases),
    changes: [],
    rows: new Map(),
    own: new Set(),
    entries: [],
  };
}

/** All that the store must be told. */
export function changesOf({ changes, rows }: Draft): readonly Change[] {
  const written = [...rows].flatMap(([rolloutId, byKey]) =>
    [...byKey].map(([key, row]): Change => {
      return { kind: "put-row", rolloutId, tick: row.tick, key, text: JSON.stringify(row) };
    }),
  );
  return [...changes, ...written];
}

/** A map that the draft may change. */
export function ownMap<K, V>({ own }: Draft, map: ReadonlyMap<K, V> | undefined): Map<K, V> {
  if (map instanceof Map && own.has(map)) return map;
  const copy = new Map(map);
  own.add(copy);
  return copy;
}

export function putModel(draft: Draft, known: KnownModel): void {
  draft.models.set(known.model.name, known);
  draft.changes.push({
    kind: "put-model",
    name: known.model.name,
    text: canonicalJson(known),
  });
}

export function deleteModel(draft: Draft, name: string): void {
  draft.models.delete(name);
  draft.preflights.delete(name);
  draft.changes.push({ kind: "delete-model", name });
}

export function putMember(draft: Draft, record: MemberRecord): void {
  const { incarnation } = record.member;
  draft.members.set(incarnation, record);
  draft.changes.push({ kind: "put-member", incarnation, text: canonicalJson(record) });
}

export function deleteMember(draft: Draft, incarnation: string): void {
  draft.members.delete(incarnation);
  draft.leases.delete(incarnation);
  draft.changes.push({ kind: "delete-member", incarnation });
}

/** The row of an open rollout. */
export function putRollout(draft: Draft, running: Running): void {
  const { rollout, lateRequests } = running;
  draft.running.set(rollout.id, running);
  draft.changes.push({
    kind: "put-rollout",
    id: rollout.id,
    model: rollout.model,
    startedAtMs: rollout.startedAtMs,
    open: true,
    lateRequests,
    view: null,
  });
}

/** The unfinished rollout of a model; at most one. */
export function underWay(
  running: ReadonlyMap<string, Running>,
  model: string,
): Running | undefined {
  for (const one of running.values()) {
    if (one.rollout.model === model && !isFinished(one.rollout.phase)) return one;
  }
  return undefined;
}

/** The routes as they must be; `instead` stands for the rollout of its id. */
export function wantedRoutes(draft: Draft, instead?: Rollout): readonly Route[] {
  const rollouts = [...draft.running.values()].map(({ rollout }) => rollout);
  const others = rollouts.filter(({ id }) => id !== instead?.id);
  const mirrors = new Map(
    [...draft.models.values()].flatMap(({ model, mirror }) =>
      mirror === null || mirror.stopped !== null ? [] : [[model.name, mirror.order] as const],
    ),
  );
  return routesOf(
    [...draft.models.values()].map(({ model }) => model),
    instead === undefined ? rollouts : [...others, instead],
    mirrors,
  );
}

export function differs(draft: Draft, routes: readonly Route[]): boolean {
  return canonicalJson(routes) !== canonicalJson(draft.table.routes);
}

/** What a table holds beside the routes; it is kept in the table alone. */
export type TableParts = Pick<Table, "clients" | "pools">;

/** Mints the next table, if the routes, or what is beside them, differ from the current one's. */
export function mint(draft: Draft, nowMs: number, parts: TableParts = draft.table): void {
  const routes = wantedRoutes(draft);
  const { clients, pools } = parts;
  const before = { clients: draft.table.clients, pools: draft.table.pools };
  if (!differs(draft, routes) && canonicalJson({ clients, pools }) === canonicalJson(before))
    return;
  putTable(draft, draft.table.number + 1, { routes, clients, pools }, nowMs);
}

/** Mints the current routes again above a number that this store never made, so that who follows it follows these. */
export function mintAbove(draft: Draft, number: number, nowMs: number): void {
  const above = Math.min(draft.tableGap?.above ?? draft.table.number, draft.table.number);
  draft.tableGap = { above, upTo: number };
  putTable(draft, number + 1, {}, nowMs);
}

/** Whether a table of this number is known to be this store's. */
export function isOwnTable({ table, tableGap }: Draft, number: number): boolean {
  if (number > table.number) return false;
  return tableGap === null || number <= tableGap.above || number > tableGap.upTo;
}

/** What is not changed stays as it is: the table itself is where a controller keeps it. */
function putTable(
  draft: Draft,
  number: number,
  changed: Partial<Pick<Table, "routes" | "clients" | "pools">>,
  nowMs: number,
): void {
  const { storeId } = draft;
  const table: Table = { ...draft.table, ...changed, storeId, number, mintedAtMs: nowMs };
  draft.table = table;
  draft.changes.push({ kind: "put-table", number, text: canonicalJson(table) });
}
