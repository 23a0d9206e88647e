// The store in one SQLite file: the embedded default. Every commit is one transaction that checks the fence first.

import { deposed, outOfSequence } from "../../store/refusal.ts";
import type { Change, Snapshot, Store } from "../../store/store.ts";
import { type Database, openDatabase, type Row } from "./database.ts";
import { lockDataDir } from "./lock.ts";
import { answered, createReader, notificationOf, rolloutOf } from "./reader.ts";
import {
  CHECKPOINTS,
  FREEZES,
  JOURNAL,
  LEAD,
  MEMBERS,
  MODELS,
  NOTIFICATIONS,
  PENDING_ROWS,
  PREFLIGHTS,
  REMARKS,
  ROLLOUTS,
  ROUTING,
  SETTINGS,
  TICKS,
} from "./statements.ts";

export type SqliteStoreOptions = {
  readonly dataDir: string;
  /** Used when the store is new. */
  readonly newStoreId: string;
};

/** Throws SlipwayError when the directory is another controller's, or its store cannot be used. */
export function openSqliteStore({ dataDir, newStoreId }: SqliteStoreOptions): Store {
  const unlock = lockDataDir(dataDir);
  try {
    const db = openDatabase(dataDir);
    db.run(LEAD.create, newStoreId);
    return {
      ...createReader(db),
      open: () => answered(() => db.transaction(() => snapshotOf(db))),
      commit: (fence, changes) => answered(() => db.transaction(() => commit(db, fence, changes))),
      close: () =>
        answered(() => {
          db.close();
          unlock();
        }),
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function snapshotOf(db: Database): Snapshot {
  const lead = db.all(LEAD.raise)[0];
  const table = db.all(ROUTING.get)[0];
  return {
    fence: Number(lead?.["fence"]),
    storeId: String(lead?.["store_id"]),
    table: table === undefined ? null : { number: Number(table["number"]), text: textOf(table) },
    models: db.all(MODELS.all).map((row) => ({ name: String(row["name"]), text: textOf(row) })),
    freezes: db.all(FREEZES.get).map(textOf)[0] ?? null,
    preflights: db.all(PREFLIGHTS.all).map((row) => ({
      model: String(row["model"]),
      text: textOf(row),
    })),
    settings: db.all(SETTINGS.all).map((row) => ({ name: String(row["name"]), text: textOf(row) })),
    notifications: {
      pending: db.all(NOTIFICATIONS.pending).map(notificationOf),
      last: Number(db.all(NOTIFICATIONS.last)[0]?.["last"]),
    },
    openRollouts: db.all(ROLLOUTS.open).map(rolloutOf),
    rows: db.all(PENDING_ROWS.all).map((row) => ({
      rolloutId: String(row["rollout_id"]),
      tick: Number(row["tick"]),
      key: String(row["row_key"]),
      text: textOf(row),
    })),
    members: db.all(MEMBERS.all).map((row) => ({
      incarnation: String(row["incarnation"]),
      text: textOf(row),
    })),
  };
}

function textOf(row: Row): string {
  return String(row["text"]);
}

function commit(db: Database, fence: number, changes: readonly Change[]): void {
  if (db.all(LEAD.fence)[0]?.["fence"] !== fence) throw deposed();
  for (const change of changes) put(db, change);
}

function put(db: Database, change: Change): void {
  switch (change.kind) {
    case "put-model":
      db.run(MODELS.put, change.name, change.text);
      return;
    case "delete-model":
      db.run(MODELS.delete, change.name);
      db.run(PREFLIGHTS.delete, change.name);
      return;
    case "put-preflights":
      db.run(PREFLIGHTS.put, change.model, change.text);
      return;
    case "put-freezes":
      db.run(FREEZES.put, change.text);
      return;
    case "put-table":
      expectOne(db.run(ROUTING.put, change.number, change.text), `table ${change.number}`);
      return;
    case "put-setting":
      db.run(SETTINGS.put, change.name, change.text);
      return;
    case "remark": {
      const { subject, sequence, atMs, text, hash } = change;
      const recorded = db.run(REMARKS.append, subject, sequence, atMs, text, hash);
      expectOne(recorded, `remark ${sequence} of ${subject}`);
      return;
    }
    case "put-notification":
      db.run(NOTIFICATIONS.put, change.number, change.isPending ? 1 : 0, change.text);
      return;
    case "trim-notifications":
      db.run(NOTIFICATIONS.trim, change.kept);
      return;
    case "put-member":
      db.run(MEMBERS.put, change.incarnation, change.text);
      return;
    case "delete-member":
      db.run(MEMBERS.delete, change.incarnation);
      return;
    default:
      putRolloutChange(db, change);
  }
}

type RolloutChange = Extract<
  Change,
  { kind: "put-rollout" | "append" | "consume" | "put-row" | "put-checkpoint" | "drop-rows" }
>;

function putRolloutChange(db: Database, change: RolloutChange): void {
  switch (change.kind) {
    case "put-rollout": {
      const { id, model, startedAtMs, open, lateRequests, view } = change;
      db.run(ROLLOUTS.put, id, model, startedAtMs, open ? 1 : 0, lateRequests, view);
      return;
    }
    case "append": {
      const { rolloutId, sequence, text, hash } = change;
      const appended = db.run(JOURNAL.append, rolloutId, sequence, text, hash);
      expectOne(appended, `entry ${sequence} of rollout ${rolloutId}`);
      return;
    }
    case "consume": {
      const { rolloutId, tick, afterSequence, consumedAtMs, text, hash } = change;
      const consumed = db.run(
        TICKS.consume,
        rolloutId,
        tick,
        afterSequence,
        consumedAtMs,
        text,
        hash,
      );
      expectOne(consumed, `tick ${tick} of rollout ${rolloutId}`);
      db.run(PENDING_ROWS.dropTick, rolloutId, tick);
      return;
    }
    case "put-row":
      db.run(PENDING_ROWS.put, change.rolloutId, change.tick, change.key, change.text);
      return;
    case "put-checkpoint": {
      const { rolloutId, tick, tickHash, text } = change;
      db.run(CHECKPOINTS.put, rolloutId, tick, tickHash, text);
      return;
    }
    case "drop-rows":
      db.run(PENDING_ROWS.drop, change.rolloutId);
      db.run(CHECKPOINTS.drop, change.rolloutId);
  }
}

function expectOne(changes: number, what: string): void {
  if (changes !== 1) throw outOfSequence(what);
}
