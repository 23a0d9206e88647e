// Who has subscribed, in a SQLite file of the page's own server: addresses of readers never reach the control plane. Several
// processes may use it: what is sent is claimed first, and claimed once.

import { randomBytes, randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { SlipwayError } from "@slipway/wire";
import type { Announcement } from "../../subscribe/announcement.ts";
import {
  CONFIRM_WITHIN_MS,
  GIVE_UP_AFTER_MS,
  NEWS_MS,
  type Subscriber,
  type SubscriptionWay,
  wantsUpdate,
} from "../../subscribe/subscriber.ts";

const FILE = "subscribers.db";
/** Updates that are remembered as told; a page shows far fewer. */
const TOLD_MAX = 10_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS subscribers (
  id TEXT PRIMARY KEY,
  way TEXT NOT NULL,
  address TEXT NOT NULL,
  components TEXT NOT NULL,
  language TEXT NOT NULL,
  token TEXT NOT NULL UNIQUE,
  secret TEXT NOT NULL,
  state TEXT NOT NULL,
  asked_at_ms INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  UNIQUE (way, address)
);
CREATE TABLE IF NOT EXISTS told (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  text TEXT
);
CREATE TABLE IF NOT EXISTS deliveries (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  subscriber TEXT NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
  told TEXT REFERENCES told (id) ON DELETE CASCADE,
  attempts INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  give_up_at_ms INTEGER NOT NULL,
  UNIQUE (subscriber, told)
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at_ms);
`;

/** A message on its way to one subscriber; `told` is null for the question whether they want any. */
export type SubscriberDelivery = {
  readonly number: number;
  readonly subscriber: Subscriber;
  readonly told: { readonly id: string; readonly text: string } | null;
  readonly attempts: number;
  readonly dueAtMs: number;
  readonly giveUpAtMs: number;
};

type Telling = {
  readonly nowMs: number;
  /** What is kept of it, for whoever is sent it later. */
  readonly textOf: (announcement: Announcement) => string;
};

type Row = Record<string, SQLOutputValue>;

export function hasSubscribers(dir: string): boolean {
  return existsSync(join(dir, FILE));
}

export class SubscriberDatabase {
  readonly #db: DatabaseSync;

  /** Throws SlipwayError where the folder cannot be used. */
  constructor(dir: string) {
    const file = join(dir, FILE);
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      this.#db = new DatabaseSync(file, { timeout: 5_000 });
      chmodSync(file, 0o600);
      this.#db.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
      );
      this.#db.exec(SCHEMA);
    } catch (error) {
      throw new SlipwayError({
        status: 500,
        code: "subscribers_unusable",
        message: `${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        fix: "name a folder of the page's own server that it may write to, with --subscribers",
      });
    }
  }

  close(): void {
    this.#db.close();
  }

  counts(): { readonly asked: number; readonly confirmed: number; readonly waiting: number } {
    const of = (sql: string): number => Number(this.#all(sql)[0]?.["n"]);
    return {
      asked: of("SELECT count(*) AS n FROM subscribers WHERE state = 'asked'"),
      confirmed: of("SELECT count(*) AS n FROM subscribers WHERE state = 'confirmed'"),
      waiting: of("SELECT count(*) AS n FROM deliveries"),
    };
  }

  all(): readonly Subscriber[] {
    return this.#all("SELECT * FROM subscribers ORDER BY way, address").map(subscriberOf);
  }

  at(way: string, address: string): Subscriber | null {
    return (
      this.#all("SELECT * FROM subscribers WHERE way = ? AND address = ?", way, address).map(
        subscriberOf,
      )[0] ?? null
    );
  }

  byToken(token: string): Subscriber | null {
    return (
      this.#all("SELECT * FROM subscribers WHERE token = ?", token).map(subscriberOf)[0] ?? null
    );
  }

  webhooksOf(host: string): number {
    const like = `https://${host.replace(/[%_\\]/g, "\\$&")}/%`;
    const rows = this.#all(
      "SELECT count(*) AS n FROM subscribers WHERE way = 'webhook' AND address LIKE ? ESCAPE '\\'",
      like,
    );
    return Number(rows[0]?.["n"]);
  }

  /** Asks an address anew, in place of what it was asked before, and has the question sent. */
  ask(asked: Pick<Subscriber, "way" | "address" | "components" | "language">, nowMs: number): void {
    const { way, address, components, language } = asked;
    this.#whole(() => {
      this.#run("DELETE FROM subscribers WHERE way = ? AND address = ?", way, address);
      const id = randomUUID();
      const token = randomBytes(24).toString("base64url");
      const secret = `whsec_${randomBytes(32).toString("base64")}`;
      this.#run(
        "INSERT INTO subscribers VALUES (?, ?, ?, ?, ?, ?, ?, 'asked', ?, 0)",
        ...[id, way, address, JSON.stringify(components), language, token, secret, nowMs],
      );
      this.#run(
        "INSERT INTO deliveries (subscriber, told, attempts, due_at_ms, give_up_at_ms) VALUES (?, NULL, 0, ?, ?)",
        ...[id, nowMs, nowMs + CONFIRM_WITHIN_MS],
      );
    });
  }

  /** The question is answered, also where its receiver did not say that it has it: it would hold up what comes next. */
  confirm(id: string): void {
    this.#whole(() => {
      this.#run("UPDATE subscribers SET state = 'confirmed', failures = 0 WHERE id = ?", id);
      this.#run("DELETE FROM deliveries WHERE subscriber = ? AND told IS NULL", id);
    });
  }

  /** With all that was on its way. */
  remove(id: string): boolean {
    return this.#run("DELETE FROM subscribers WHERE id = ?", id) > 0;
  }

  /** Who never confirmed. */
  forget(nowMs: number): void {
    this.#run(
      "DELETE FROM subscribers WHERE state = 'asked' AND asked_at_ms < ?",
      nowMs - CONFIRM_WITHIN_MS,
    );
  }

  /**
   * Has announcements sent to everybody who wants them, each once: those that were told before are passed over. All are
   * remembered and none sent where this is the first time that anybody looks.
   */
  tell(announcements: readonly Announcement[], { nowMs, textOf }: Telling): void {
    const known = new Set(this.#all("SELECT id FROM told").map((row) => String(row["id"])));
    const fresh = announcements.filter(({ id }) => !known.has(id));
    if (fresh.length === 0) return;
    this.#whole(() => {
      const subscribers = this.all();
      const isFirst = known.size === 0 && subscribers.length === 0;
      for (const announcement of fresh) {
        const { id, atMs } = announcement;
        const isTold = !isFirst && nowMs - atMs <= NEWS_MS;
        const remembered = [id, isTold ? textOf(announcement) : null];
        const sql = "INSERT OR IGNORE INTO told (id, text) VALUES (?, ?)";
        const isMine = this.#run(sql, ...remembered) > 0;
        if (isMine && isTold) this.#send(announcement, subscribers, nowMs);
      }
      this.#run("DELETE FROM told WHERE number <= (SELECT max(number) FROM told) - ?", TOLD_MAX);
    });
  }

  #send(announcement: Announcement, subscribers: readonly Subscriber[], nowMs: number): void {
    for (const subscriber of subscribers) {
      if (!wantsUpdate(subscriber, announcement)) continue;
      this.#run(
        "INSERT OR IGNORE INTO deliveries (subscriber, told, attempts, due_at_ms, give_up_at_ms) VALUES (?, ?, 0, ?, ?)",
        ...[subscriber.id, announcement.id, nowMs, nowMs + GIVE_UP_AFTER_MS],
      );
    }
  }

  /** The oldest of each subscriber that is due: what comes after it waits. */
  due(way: SubscriptionWay, nowMs: number, limit: number): readonly SubscriberDelivery[] {
    return this.#all(
      `SELECT s.*, d.number AS delivery, d.attempts, d.due_at_ms, d.give_up_at_ms, t.id AS told_id, t.text AS told_text
       FROM deliveries d JOIN subscribers s ON s.id = d.subscriber LEFT JOIN told t ON t.id = d.told
       WHERE s.way = ? AND d.due_at_ms <= ? AND d.number = (SELECT min(number) FROM deliveries WHERE subscriber = d.subscriber)
       ORDER BY d.number LIMIT ?`,
      ...[way, nowMs, limit],
    ).map((row) => ({
      number: Number(row["delivery"]),
      subscriber: subscriberOf(row),
      told:
        row["told_text"] === null
          ? null
          : { id: String(row["told_id"]), text: String(row["told_text"]) },
      attempts: Number(row["attempts"]),
      dueAtMs: Number(row["due_at_ms"]),
      giveUpAtMs: Number(row["give_up_at_ms"]),
    }));
  }

  /** False where another process has claimed it, or the subscriber has left. */
  claim({ number, attempts }: SubscriberDelivery, dueAtMs: number): boolean {
    const sql =
      "UPDATE deliveries SET attempts = attempts + 1, due_at_ms = ? WHERE number = ? AND attempts = ?";
    return this.#run(sql, dueAtMs, number, attempts) > 0;
  }

  postpone(number: number, dueAtMs: number): void {
    this.#run("UPDATE deliveries SET due_at_ms = ? WHERE number = ?", dueAtMs, number);
  }

  /** Delivered, or given up. `failures`: the address's by now, in a row. */
  settle({ number, subscriber }: SubscriberDelivery, failures: number): void {
    this.#whole(() => {
      this.#run("DELETE FROM deliveries WHERE number = ?", number);
      this.#run("UPDATE subscribers SET failures = ? WHERE id = ?", failures, subscriber.id);
    });
  }

  #all(sql: string, ...values: readonly (string | number | null)[]): readonly Row[] {
    return this.#db.prepare(sql).all(...values);
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): number {
    return Number(this.#db.prepare(sql).run(...values).changes);
  }

  #whole<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}

function subscriberOf(row: Row): Subscriber {
  return {
    id: String(row["id"]),
    way: row["way"] === "email" ? "email" : "webhook",
    address: String(row["address"]),
    components: JSON.parse(String(row["components"])) as readonly string[],
    language: String(row["language"]),
    token: String(row["token"]),
    secret: String(row["secret"]),
    state: row["state"] === "confirmed" ? "confirmed" : "asked",
    askedAtMs: Number(row["asked_at_ms"]),
    failures: Number(row["failures"]),
  };
}
