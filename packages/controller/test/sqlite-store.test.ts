// The store in a SQLite file: the stores' rules, its schema, and what it refuses to open.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Store } from "@slipway/controller";
import { openSqliteStore, verifyStore } from "@slipway/controller/edge";
import { SlipwayError } from "@slipway/wire";
import { newDataDir } from "./data-dir.ts";
import { testStore } from "./store-conformance.ts";

const dirs = new WeakMap<Store, string>();

function openIn(dataDir: string): Store {
  const store = openSqliteStore({ dataDir, newStoreId: "store-1" });
  dirs.set(store, dataDir);
  return store;
}

testStore({
  name: "sqlite",
  create: () => openIn(newDataDir()),
  reopen: async (store) => {
    await store.close();
    return openIn(dirs.get(store) ?? "");
  },
});

function refusal(open: () => unknown): SlipwayError {
  try {
    open();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

async function newFile(): Promise<string> {
  const dataDir = newDataDir();
  await openIn(dataDir).close();
  return dataDir;
}

test("sqlite: the schema is the golden one", async () => {
  const db = new DatabaseSync(join(await newFile(), "slipway.db"), { readOnly: true });
  const rows = db
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    .all();
  db.close();
  const schema = `${rows.map(({ sql }) => `${String(sql)};`).join("\n")}\n`;
  const golden = new URL("./golden/schema.sql", import.meta.url);
  if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(golden, schema);
  assert.equal(schema, readFileSync(golden, "utf8"));
});

test("sqlite: the file is durable: WAL, and every commit reaches the disk", async () => {
  const dataDir = await newFile();
  const db = new DatabaseSync(join(dataDir, "slipway.db"), { readOnly: true });
  assert.equal(db.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
  db.close();
});

test("sqlite: two controllers on one data directory refuse", async () => {
  const dataDir = newDataDir();
  const store = openIn(dataDir);
  assert.equal(refusal(() => openIn(dataDir)).code, "store_locked");
  // Another process meets the same lock.
  const script = `
    import { openSqliteStore } from "@slipway/controller/edge";
    try { openSqliteStore({ dataDir: process.argv[1], newStoreId: "x" }); console.log("opened"); }
    catch (error) { console.log(error.code); }`;
  const other = spawnSync(
    process.execPath,
    ["--conditions=@slipway/source", "--input-type=module", "-e", script, dataDir],
    { encoding: "utf8", cwd: import.meta.dirname },
  );
  assert.equal(other.stdout.trim(), "store_locked");
  await store.close();
  await openIn(dataDir).close();
});

test("sqlite: a file from a newer release is refused, and says so", async () => {
  const dataDir = await newFile();
  const db = new DatabaseSync(join(dataDir, "slipway.db"));
  db.exec("PRAGMA user_version = 99");
  db.close();
  const error = refusal(() => openIn(dataDir));
  assert.equal(error.code, "store_newer");
  assert.match(error.message, /schema 99, this one knows 6/);
  await assert.rejects(verifyStore(dataDir), { code: "store_newer" });
});

test("sqlite: a file from an older release is brought up to date by who writes it, and refused to who only reads", async () => {
  const dataDir = await newFile();
  const db = new DatabaseSync(join(dataDir, "slipway.db"));
  // As the release before the third migration left it.
  db.exec("DROP TABLE settings; DROP TABLE remarks; DROP TABLE notifications");
  db.exec(
    "DROP TABLE preflights; DROP TABLE freezes; ALTER TABLE ticks DROP COLUMN consumed_at_ms",
  );
  db.exec("PRAGMA user_version = 2");
  db.close();
  await assert.rejects(verifyStore(dataDir), { code: "store_older" });
  const store = openIn(dataDir);
  const { storeId, freezes } = await store.open();
  assert.deepEqual([storeId, freezes], ["store-1", null]);
  await store.close();
  assert.equal((await verifyStore(dataDir)).ok, true);
});

test("sqlite: another program's database, and what is no database, are refused untouched", async () => {
  const foreign = newDataDir();
  const db = new DatabaseSync(join(foreign, "slipway.db"));
  db.exec("CREATE TABLE invoices (n)");
  db.close();
  assert.equal(refusal(() => openIn(foreign)).code, "store_foreign");
  const broken = newDataDir();
  writeFileSync(
    join(broken, "slipway.db"),
    "this is a letter, not a database, and it is long enough\n",
  );
  assert.equal(refusal(() => openIn(broken)).code, "store_unreadable");
  assert.match(readFileSync(join(broken, "slipway.db"), "utf8"), /^this is a letter/);
  await assert.rejects(verifyStore(newDataDir()), { code: "store_unreadable" });
});

test("sqlite: a data directory that cannot be made is refused", () => {
  const file = join(newDataDir(), "file");
  writeFileSync(file, "");
  assert.equal(refusal(() => openIn(join(file, "data"))).code, "store_unreadable");
});
