// Verifying a store on a connection of its own, beside a controller or without one.

import type { VerifyResult } from "@slipway/wire";
import { verifyJournals } from "../verify.ts";
import { sha256 } from "./node-ports.ts";
import { openDatabaseForReading } from "./sqlite/database.ts";
import { createReader } from "./sqlite/reader.ts";

/** `path`: the data directory. Throws SlipwayError when there is no store to read. */
export async function verifyStore(path: string): Promise<VerifyResult> {
  const db = openDatabaseForReading(path);
  try {
    return await verifyJournals(createReader(db), sha256);
  } finally {
    db.close();
  }
}
