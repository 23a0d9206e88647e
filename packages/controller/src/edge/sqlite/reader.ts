// Reading a store: rollouts, journals and consumed ticks, page by page.

import { setImmediate } from "node:timers/promises";
import type {
  StoredCheckpoint,
  StoredEntry,
  StoredNotification,
  StoredRemark,
  StoredRollout,
  StoredTick,
  StoreReader,
} from "../../store/store.ts";
import type { Database, Row } from "./database.ts";
import { CHECKPOINTS, JOURNAL, NOTIFICATIONS, REMARKS, ROLLOUTS, TICKS } from "./statements.ts";

export function createReader(db: Database): StoreReader {
  return {
    rollouts: (model, limit) =>
      answered(() => {
        const rows =
          model === null ? db.all(ROLLOUTS.newest, limit) : db.all(ROLLOUTS.newestOf, model, limit);
        return rows.map(rolloutOf);
      }),
    rollout: (id) => answered(() => db.all(ROLLOUTS.get, id).map(rolloutOf)[0] ?? null),
    entries: (id, above, limit) =>
      answered(() => db.all(JOURNAL.above, id, above, limit).map(entryOf)),
    ticks: async (id, above, limit) => {
      // Who reads all ticks of a long rollout must not keep everything else waiting: not even between two pages.
      await setImmediate();
      return db.all(TICKS.above, id, above, limit).map(tickOf);
    },
    checkpoint: (id) => answered(() => checkpointsOf(db, id)[0] ?? null),
    remarks: (subject) => answered(() => db.all(REMARKS.of, subject).map(remarkOf)),
    latestRemarks: (subjectsMax) =>
      answered(() => db.all(REMARKS.latest, subjectsMax).map(remarkOf)),
    notifications: (limit) =>
      answered(() => db.all(NOTIFICATIONS.newest, limit).map(notificationOf)),
    notification: (number) =>
      answered(() => db.all(NOTIFICATIONS.get, number).map(notificationOf)[0] ?? null),
  };
}

/** The port is promise-based, and an error must reject, not throw. */
export function answered<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

export function rolloutOf(row: Row): StoredRollout {
  return {
    id: String(row["id"]),
    model: String(row["model"]),
    startedAtMs: Number(row["started_at_ms"]),
    open: row["is_open"] === 1,
    lateRequests: Number(row["late_requests"]),
    view: row["view"] === null ? null : String(row["view"]),
  };
}

function entryOf(row: Row): StoredEntry {
  return {
    rolloutId: String(row["rollout_id"]),
    sequence: Number(row["sequence"]),
    text: String(row["text"]),
    hash: String(row["hash"]),
  };
}

function remarkOf(row: Row): StoredRemark {
  return {
    subject: String(row["subject"]),
    sequence: Number(row["sequence"]),
    atMs: Number(row["at_ms"]),
    text: String(row["text"]),
    hash: String(row["hash"]),
  };
}

export function notificationOf(row: Row): StoredNotification {
  return {
    number: Number(row["number"]),
    isPending: row["is_pending"] === 1,
    text: String(row["text"]),
  };
}

function checkpointsOf(db: Database, rolloutId: string): readonly StoredCheckpoint[] {
  return db.all(CHECKPOINTS.get, rolloutId).map((row) => ({
    rolloutId: String(row["rollout_id"]),
    tick: Number(row["tick"]),
    tickHash: String(row["tick_hash"]),
    text: String(row["text"]),
  }));
}

function tickOf(row: Row): StoredTick {
  return {
    rolloutId: String(row["rollout_id"]),
    tick: Number(row["tick"]),
    afterSequence: Number(row["after_sequence"]),
    consumedAtMs: Number(row["consumed_at_ms"]),
    text: String(row["text"]),
    hash: String(row["hash"]),
  };
}
