// A SQLite file as Slipway wants it: durable, its schema brought up to date, and refused with a clear error when it
// cannot be read, is not Slipway's, or was written by a newer release.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { SlipwayError } from "@slipway/wire";
import { MIGRATIONS, SCHEMA_NUMBER } from "./migrations.ts";

const DATABASE_FILE = "slipway.db";
/** "SLPW": tells a Slipway store from any other SQLite file. */
const APPLICATION_ID = 0x534c5057;
const BUSY_TIMEOUT_MS = 5_000;

export type Row = Readonly<Record<string, unknown>>;

/** Statements are prepared once. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#prepared(sql).all(...values);
  }

  /** How many rows it changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  /** All of it or nothing. */
  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Opens the store in a directory for writing; makes both where there are none. */
export function openDatabase(dataDir: string): Database {
  const path = join(dataDir, DATABASE_FILE);
  return guarded(path, () => {
    mkdirSync(dataDir, { recursive: true });
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      migrate(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
    return new Database(db);
  });
}

/** Opens an existing store for reading, beside a controller that writes to it. */
export function openDatabaseForReading(dataDir: string): Database {
  const path = join(dataDir, DATABASE_FILE);
  return guarded(path, () => {
    const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      assertReadable(db, path);
      assertCurrent(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
    return new Database(db);
  });
}

/** Who only reads cannot bring a schema up to date. */
function assertCurrent(db: DatabaseSync, path: string): void {
  const schema = pragma(db, "user_version");
  if (schema === SCHEMA_NUMBER) return;
  throw new SlipwayError({
    code: "store_older",
    status: 500,
    message: `${path} was written by an older release: schema ${schema}, this one reads ${SCHEMA_NUMBER}`,
    fix: "start a controller of this release with it once, which brings it up to date",
  });
}

function guarded<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    throw new SlipwayError({
      code: "store_unreadable",
      status: 500,
      message: `cannot open the store ${path}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "check that the directory exists, may be written, and holds a store that Slipway made",
    });
  }
}

function pragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function assertReadable(db: DatabaseSync, path: string): void {
  const schema = pragma(db, "user_version");
  if (pragma(db, "application_id") !== APPLICATION_ID) {
    throw new SlipwayError({
      code: "store_foreign",
      status: 500,
      message: `${path} is a SQLite file, but not a store of Slipway`,
      fix: "name another data directory",
    });
  }
  if (schema <= SCHEMA_NUMBER) return;
  throw new SlipwayError({
    code: "store_newer",
    status: 500,
    message: `${path} was written by a newer release: schema ${schema}, this one knows ${SCHEMA_NUMBER}`,
    fix: "run the newer release, or name another data directory",
  });
}

function migrate(db: DatabaseSync, path: string): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    const isNew = db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"] === 0;
    if (isNew) db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    assertReadable(db, path);
    const from = pragma(db, "user_version");
    for (const { number, sql } of MIGRATIONS) {
      if (number > from) db.exec(sql);
    }
    db.exec(`PRAGMA user_version = ${SCHEMA_NUMBER}`);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}
