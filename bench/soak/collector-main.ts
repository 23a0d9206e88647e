// Loaded into every process of a gateway under soak, before anything else: it collects all garbage every few seconds and
// writes down what is left. How much waits to be collected says nothing of what is kept, and is most of a worker's memory.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const COLLECT_MS = 3_000;

const folder = process.env["SLIPWAY_SOAK_MEMORY"];
if (folder === undefined) throw new Error("SLIPWAY_SOAK_MEMORY names no folder");
const file = join(folder, String(process.pid));
setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

setInterval(() => {
  collect();
  const { external, heapUsed, rss } = process.memoryUsage();
  appendFileSync(file, `${Date.now()} ${heapUsed + external} ${rss}\n`);
}, COLLECT_MS).unref();
