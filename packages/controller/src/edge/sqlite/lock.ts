// One controller a data directory. The lock is a SQLite transaction held open on a file of its own: the system
// drops it when the process ends, however it ends, and readers of the store never meet it.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SlipwayError } from "@slipway/wire";

const LOCK_FILE = "controller.lock";

/** Calls of the result release it. */
export function lockDataDir(dataDir: string): () => void {
  const path = join(dataDir, LOCK_FILE);
  let db: DatabaseSync | null = null;
  try {
    mkdirSync(dataDir, { recursive: true });
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    throw refusal(dataDir, error);
  }
  const held = db;
  return () => {
    if (held.isOpen) held.close();
  };
}

function refusal(dataDir: string, error: unknown): SlipwayError {
  const text = error instanceof Error ? error.message : String(error);
  if (/locked|busy/i.test(text)) {
    return new SlipwayError({
      code: "store_locked",
      status: 503,
      message: `another controller runs on ${dataDir}`,
      fix: "stop it first, or name another data directory",
    });
  }
  return new SlipwayError({
    code: "store_unreadable",
    status: 500,
    message: `cannot lock the data directory ${dataDir}: ${text}`,
    fix: "check that the directory may be written",
  });
}
