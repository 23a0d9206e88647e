// Verification outside the controller's thread: one at a time, everybody who asks meanwhile gets its result.

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { SlipwayError, type VerifyResult } from "@slipway/wire";
import type { VerifyAnswer } from "./verify-worker.ts";

export function createVerifier(dataDir: string): () => Promise<VerifyResult> {
  let running: Promise<VerifyResult> | null = null;
  return () => {
    running ??= verifyInWorker(dataDir).finally(() => {
      running = null;
    });
    return running;
  };
}

function verifyInWorker(dataDir: string): Promise<VerifyResult> {
  // The source runs as .ts, what is published as .js.
  const here = fileURLToPath(import.meta.url);
  const file = new URL(`./verify-worker${extname(here)}`, import.meta.url);
  const { promise, resolve, reject } = Promise.withResolvers<VerifyResult>();
  const worker = new Worker(file, { workerData: dataDir });
  worker.once("message", (answer: VerifyAnswer) => {
    if (answer.ok) resolve(answer.result);
    else reject(new SlipwayError({ ...answer, status: 500, fix: null }));
  });
  worker.once("error", reject);
  worker.once("exit", () => reject(new Error("the verification ended without a result")));
  return promise;
}
