// An open loop: requests are sent when they are due, whatever became of those before, and latency counts from when a
// request was due, so that a server that stalls is charged for everyone who would have had to wait. It says how late
// it was itself: paced-load-main.ts ORDER
import { Worker } from "node:worker_threads";
import { Pool } from "undici";
import { nowMs } from "./monotonic.ts";
import type { Pace } from "./pacer.ts";
import { quantile } from "./quantile.ts";
import { bodyOf, type LoadOrder } from "./request.ts";

export type PacedOrder = LoadOrder & {
  readonly perSecond: number;
  /** The first part warms this program up and is not counted. */
  readonly warmSeconds: number;
  readonly seconds: number;
};

/** Times in microseconds. */
export type PacedReport = {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** How late this program sent a request; latency includes it. */
  readonly lateP50Us: number;
  readonly lateP99Us: number;
};

const CONNECTIONS_MAX = 512;
const START_AFTER_MS = 200;
const DRAIN_MS_MAX = 2_000;

const order = JSON.parse(process.argv[2] ?? "{}") as PacedOrder;
const target = new URL(order.url);
const pool = new Pool(target.origin, { connections: CONNECTIONS_MAX });
const headers = { "content-type": "application/json", ...order.headers };

const pace: Pace = {
  startMs: nowMs() + START_AFTER_MS,
  periodMs: 1_000 / order.perSecond,
  count: Math.round((order.warmSeconds + order.seconds) * order.perSecond),
};
const firstCounted = Math.round(order.warmSeconds * order.perSecond);
const latencyUs: number[] = [];
const lateUs: number[] = [];
let [started, over, failed] = [0, 0, 0];

function send(index: number, dueMs: number): void {
  const isCounted = index >= firstCounted;
  if (isCounted) lateUs.push((nowMs() - dueMs) * 1_000);
  let isGood = false;
  const ended = (isWhole: boolean): void => {
    over += 1;
    if (!(isWhole && isGood)) failed += 1;
    else if (isCounted) latencyUs.push((nowMs() - dueMs) * 1_000);
  };
  pool.dispatch(
    { path: target.pathname, method: "POST", headers, body: bodyOf(index, false) },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_, status) => {
        isGood = status === 200;
      },
      onResponseData: () => undefined,
      onResponseEnd: () => ended(true),
      onResponseError: () => ended(false),
    },
  );
}

function sendDue(): void {
  const atMs = nowMs();
  while (started < pace.count) {
    const dueMs = pace.startMs + started * pace.periodMs;
    if (dueMs > atMs) return;
    send(started, dueMs);
    started += 1;
  }
}

const pacer = new Worker(new URL("./pacer.ts", import.meta.url), { workerData: pace });
pacer.on("message", sendDue);
await new Promise((resolve) => pacer.on("exit", resolve));
sendDue();
const drainUntilMs = nowMs() + DRAIN_MS_MAX;
while (over < started && nowMs() < drainUntilMs) {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const report: PacedReport = {
  sent: pace.count - firstCounted,
  answered: latencyUs.length,
  failed,
  p50Us: quantile(latencyUs, 0.5),
  p99Us: quantile(latencyUs, 0.99),
  lateP50Us: quantile(lateUs, 0.5),
  lateP99Us: quantile(lateUs, 0.99),
};
process.stdout.write(JSON.stringify(report));
await pool.destroy();
