// Verification finds what was changed behind the controller's back.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, test } from "node:test";
import { openSqliteStore, verifyStore } from "@slipway/controller/edge";
import { newDataDir } from "./data-dir.ts";
import { GOOD } from "./fake-gateway.ts";
import { FakeWorld, sha256 } from "./fake-world.ts";

const dataDir = newDataDir();
const SLOW = { ...GOOD, latencyMs: 900 };

before(async () => {
  const store = openSqliteStore({ dataDir, newStoreId: "store-1" });
  const world = await new FakeWorld({ store }).open();
  await world.start();
  await world.seconds(3);
  await world.seconds(12, SLOW);
  assert.equal((await world.view()).phase.kind, "rolled-back");
  await store.close();
});

/** Runs the SQL, verifies, and takes the change back. Returns the problems as one text. */
async function problemsAfter(change: (db: DatabaseSync) => void): Promise<string> {
  const db = new DatabaseSync(join(dataDir, "slipway.db"));
  try {
    const kept = ["journal", "ticks"].map((table) => ({
      table,
      rows: db.prepare(`SELECT * FROM ${table}`).all(),
    }));
    change(db);
    const { ok, problems } = await verifyStore(dataDir);
    assert.equal(ok, problems.length === 0);
    for (const { table, rows } of kept) restore(db, table, rows);
    return problems.map(({ sequence, problem }) => `${sequence}: ${problem}`).join("\n");
  } finally {
    db.close();
  }
}

function restore(db: DatabaseSync, table: string, rows: readonly Record<string, unknown>[]): void {
  db.exec(`DELETE FROM ${table}`);
  for (const row of rows) {
    const marks = Object.keys(row).map(() => "?");
    const values = Object.values(row) as (string | number)[];
    db.prepare(`INSERT INTO ${table} VALUES (${marks.join(", ")})`).run(...values);
  }
}

type Link = { sequence: number; text: string; hash: string };

/** Changes an entry and every hash after it, as a careful forger would. */
function forge(db: DatabaseSync, sequence: number, change: (text: string) => string): void {
  const entries = db.prepare("SELECT * FROM journal ORDER BY sequence").all() as unknown as Link[];
  let hash = "";
  for (const entry of entries) {
    const text = entry.sequence === sequence ? change(entry.text) : entry.text;
    assert.ok(entry.sequence !== sequence || text !== entry.text, "nothing was forged");
    hash = sha256(`${hash}\n${text}`);
    const update = db.prepare("UPDATE journal SET text = ?, hash = ? WHERE sequence = ?");
    update.run(text, hash, entry.sequence);
  }
}

function sequenceOf(db: DatabaseSync, like: string): number {
  const row = db.prepare("SELECT sequence FROM journal WHERE text LIKE ?").get(like);
  return Number(row?.["sequence"]);
}

test("an untouched store verifies, and its decisions come out the same", async () => {
  assert.equal(await problemsAfter(() => {}), "");
  const { ok, rollouts, entries, replayed } = await verifyStore(dataDir);
  assert.deepEqual([ok, rollouts], [true, 1]);
  assert.ok(replayed >= 3 && entries > replayed);
});

test("an entry whose text was changed breaks the chain", async () => {
  const problems = await problemsAfter((db) => {
    db.exec("UPDATE journal SET text = replace(text, 'better at Rust', 'better at Java')");
  });
  assert.match(problems, /^1: its hash is not that of the entry before and its own text/);
});

test("an entry that was taken out is missed", async () => {
  const problems = await problemsAfter((db) => db.exec("DELETE FROM journal WHERE sequence = 3"));
  assert.match(problems, /entry 4 follows entry 2/);
});

test("a reason that was rewritten with all its hashes does not come out when decided again", async () => {
  const problems = await problemsAfter((db) => {
    const sequence = sequenceOf(db, '%"kind":"roll-back"%');
    forge(db, sequence, (text) => text.replace('"code":"guard"', '"code":"mercy"'));
  });
  assert.match(
    problems,
    /it saw "mercy p99=fail errors=pass", but made again it is "guard p99=fail/,
  );
});

test("a move that was rewritten with all its hashes does not come out when decided again", async () => {
  const problems = await problemsAfter((db) => {
    const sequence = sequenceOf(db, '%"kind":"roll-back"%');
    forge(db, sequence, (text) => text.replace('"kind":"roll-back"', '"kind":"pause"'));
  });
  assert.match(problems, /it decided {"kind":"pause"}, but made again it is {"kind":"roll-back"}/);
});

test("a number that was rewritten with all its hashes does not come out when decided again", async () => {
  const forgedBy = (before: RegExp): Promise<string> =>
    problemsAfter((db) => {
      const sequence = sequenceOf(db, '%"kind":"roll-back"%');
      forge(db, sequence, (text) => text.replace(before, "$11.5"));
    });
  assert.match(
    await forgedBy(/("because":{"code":"guard".*?"measured":)[\d.]+/),
    /it saw because\.measured = 1\.5, but made again it is \d/,
  );
  assert.match(
    await forgedBy(/("verdicts":\[.*?"measured":)[\d.]+/),
    /it saw p99\.measured = 1\.5, but made again it is \d/,
  );
});

test("a consumed tick whose numbers were changed is found by its hash and by the decisions on it", async () => {
  const problems = await problemsAfter((db) => {
    db.exec(`UPDATE ticks SET text = replace(text, '"arm":"candidate"', '"arm":"stable"')`);
  });
  assert.match(problems, /the hash of tick \d+ is not that of the tick before and its own text/);
  assert.match(
    problems,
    /the state that it decided on is not the one that its journal and ticks give/,
  );
});

test("a consumed tick that was taken out is missed", async () => {
  const problems = await problemsAfter((db) => {
    db.exec("DELETE FROM ticks WHERE tick = (SELECT min(tick) + 2 FROM ticks)");
  });
  assert.match(problems, /tick \d+ follows tick \d+/);
});

test("what is no JSON ends the replay of its rollout, and says where", async () => {
  const problems = await problemsAfter((db) => {
    db.exec("UPDATE journal SET text = '{' WHERE sequence = 4");
  });
  assert.match(problems, /^3: replay stops: /m);
});
