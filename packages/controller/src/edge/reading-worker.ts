// Runs one reading in a thread of its own: it may go through every journal there is, and the controller must not wait.

import { parentPort, workerData } from "node:worker_threads";
import { SlipwayError, type SlipwayErrorFields } from "@slipway/wire";
import { answerTo, type Reading } from "../reading/readings.ts";
import { readStore } from "./read-store.ts";

export type ReadingOrder = { readonly dataDir: string; readonly reading: Reading };

export type ReadingAnswer =
  | { readonly ok: true; readonly result: unknown }
  | ({ readonly ok: false } & SlipwayErrorFields);

async function answer({ dataDir, reading }: ReadingOrder): Promise<ReadingAnswer> {
  try {
    const result = await readStore(dataDir, (readings) => answerTo(readings, reading));
    return { ok: true, result };
  } catch (error) {
    if (error instanceof SlipwayError) {
      const { code, status, message, fix } = error;
      return { ok: false, code, status, message, fix };
    }
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, code: "internal", status: 500, message, fix: null };
  }
}

parentPort?.postMessage(await answer(workerData as ReadingOrder));
