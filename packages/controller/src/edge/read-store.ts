// Reading a store on a connection of its own, beside a controller or without one.

import type { VerifyResult } from "@slipway/wire";
import { type Readings, readingsOf } from "../reading/readings.ts";
import { sha256 } from "./node-ports.ts";
import { openDatabaseForReading } from "./sqlite/database.ts";
import { createReader } from "./sqlite/reader.ts";

/** `path`: the data directory. Throws SlipwayError when there is no store to read. */
export async function readStore<T>(
  path: string,
  read: (readings: Readings) => Promise<T>,
): Promise<T> {
  const db = openDatabaseForReading(path);
  try {
    return await read(readingsOf(createReader(db), sha256));
  } finally {
    db.close();
  }
}

export async function verifyStore(path: string): Promise<VerifyResult> {
  return await readStore(path, (readings) => readings.verify());
}
