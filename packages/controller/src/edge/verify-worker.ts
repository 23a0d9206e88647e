// Runs one verification in a thread of its own: it reads every journal there is, and the controller must not wait.

import { parentPort, workerData } from "node:worker_threads";
import { SlipwayError } from "@slipway/wire";
import { verifyStore } from "./verify-store.ts";

export type VerifyAnswer =
  | { readonly ok: true; readonly result: Awaited<ReturnType<typeof verifyStore>> }
  | { readonly ok: false; readonly code: string; readonly message: string };

async function answer(): Promise<VerifyAnswer> {
  try {
    return { ok: true, result: await verifyStore(String(workerData)) };
  } catch (error) {
    const code = error instanceof SlipwayError ? error.code : "internal";
    return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(await answer());
