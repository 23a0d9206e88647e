// Many seeds of a rehearsal over all cores: each thread measures the versions for itself, and is given the next seed when
// it is done with one.
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Rehearsal } from "../counts/rehearsal.ts";
import type { RehearsalOrder } from "./rehearsal-worker.ts";

/** A thread of fewer has measured its versions for longer than it then rehearses. */
const SEEDS_PER_THREAD_MIN = 2;

/** In the order of their seeds, without their series. The same as one after the other, on however many cores. */
export async function rehearseSeeds(
  order: RehearsalOrder,
  firstSeed: number,
  seeds: number,
): Promise<readonly Rehearsal[]> {
  const results = new Array<Rehearsal>(seeds);
  let next = 0;
  const drive = async (): Promise<void> => {
    const thread = threadOf(order);
    try {
      for (let at = next++; at < seeds; at = next++) {
        results[at] = await asked(thread, firstSeed + at);
      }
    } finally {
      await thread.terminate();
    }
  };
  const most = Math.ceil(seeds / SEEDS_PER_THREAD_MIN);
  const threads = Math.min(availableParallelism(), most);
  await Promise.all(Array.from({ length: threads }, drive));
  return results;
}

function threadOf(order: RehearsalOrder): Worker {
  // The source runs as .ts, what is published as .js.
  const here = fileURLToPath(import.meta.url);
  return new Worker(new URL(`./rehearsal-worker${extname(here)}`, import.meta.url), {
    workerData: order,
  });
}

function asked(thread: Worker, seed: number): Promise<Rehearsal> {
  return new Promise((resolve, reject) => {
    const settle = (rehearsal: Rehearsal): void => {
      thread.off("error", reject);
      resolve(rehearsal);
    };
    thread.once("message", settle);
    thread.once("error", reject);
    thread.postMessage(seed);
  });
}
