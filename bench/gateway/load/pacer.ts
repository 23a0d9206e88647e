// A thread that sleeps until the next request is due and says so. Node's own timers are a millisecond coarse; a futex
// with a timeout is off by some 60 µs, and what it is off by is counted in the latency anyway.
import { parentPort, workerData } from "node:worker_threads";
import { nowMs } from "./monotonic.ts";

export type Pace = {
  readonly startMs: number;
  readonly periodMs: number;
  readonly count: number;
};

const { startMs, periodMs, count } = workerData as Pace;
const never = new Int32Array(new SharedArrayBuffer(4));
for (let i = 0; i < count; i++) {
  const waitMs = startMs + i * periodMs - nowMs();
  if (waitMs > 0) Atomics.wait(never, 0, 0, waitMs);
  parentPort?.postMessage(i);
}
