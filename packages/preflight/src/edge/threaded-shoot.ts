// Sends volleys from a thread of its own, so that neither reports nor other gates delay what is due.

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Shot } from "@slipway/core";
import type { Shoot } from "../load/volley.ts";
import type { LoadNews } from "./load-worker.ts";

export const threadedShoot: Shoot = (volley, { progress, signal }) => {
  // The source runs as .ts, what is published as .js.
  const here = fileURLToPath(import.meta.url);
  const file = new URL(`./load-worker${extname(here)}`, import.meta.url);
  const { promise, resolve, reject } = Promise.withResolvers<readonly Shot[]>();
  if (signal.aborted) return Promise.resolve([]);
  const worker = new Worker(file, { workerData: volley });
  const stop = (): void => worker.postMessage("stop");
  signal.addEventListener("abort", stop, { once: true });
  worker.on("message", (news: LoadNews) => {
    if (news.kind === "progress") progress(news.done, news.of);
    else resolve(news.shots);
  });
  worker.once("error", reject);
  worker.once("exit", () => {
    signal.removeEventListener("abort", stop);
    reject(new Error("the generator of load ended without a result"));
  });
  return promise;
};
