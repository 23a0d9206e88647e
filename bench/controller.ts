// How much a controller bears: rollouts under way, gateway workers that report every second, its own store on disk.
// The controller has a core of its own, where there is more than one.
// npm run bench:controller -- [--quick] [--json] [--rollouts N] [--gateways N] [--requests N] [--seconds N]
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createRandom, type Table } from "@slipway/core";
import { quantileMs, type Reading, readController } from "./controller/readings.ts";
import { send, Worker } from "./controller/worker.ts";
import { thisMachine } from "./machine.ts";
import { endAll, isInstalled, startController } from "./processes.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    rollouts: { type: "string" },
    gateways: { type: "string" },
    /** Of one gateway in a second, over all models. */
    requests: { type: "string", default: "20" },
    seconds: { type: "string" },
  },
});
const rollouts = Number(values.rollouts ?? (values.quick ? 20 : 100));
const gateways = Number(values.gateways ?? (values.quick ? 20 : 100));
const requests = Number(values.requests);
const seconds = Number(values.seconds ?? (values.quick ? 12 : 45));
const flatOutSeconds = values.quick ? 3 : 10;
/** Until all rollouts are in their first stage, and their first ticks are mature. */
const WARM_SECONDS = values.quick ? 3 : 15;
const REPORT_MS = 1_000;

type Stretch = {
  readonly framesPerSecond: number;
  /** The controller's share of one core. */
  readonly core: number;
  readonly cpuMsPerFrame: number;
  readonly acknowledgedMs: { readonly p50: number; readonly p99: number };
  /** Upper ends of the controller's own buckets; null beyond the last. */
  readonly turnMs: { readonly p50: number | null; readonly p99: number | null };
  readonly commitMs: { readonly p50: number | null; readonly p99: number | null };
  readonly ticksPerSecond: number;
  readonly lateRequests: number;
};

function configOf(count: number): string {
  const models = Array.from({ length: count }, (_, index) => {
    const version = (name: string): string =>
      `      ${name}: { upstreams: [{ url: "http://127.0.0.1:9/v1", model: ${name}, pool: p${index} }] }\n`;
    return `  model-${index}:\n    stable: one\n    versions:\n${version("one")}${version("two")}`;
  });
  return `models:\n${models.join("")}`;
}

async function startRollouts(controller: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const body = { model: `model-${i}`, to: "two", sharePools: true, by: "bench", reason: "bench" };
    const answer = await fetch(`${controller}/v1/rollouts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status >= 300) throw new Error(`no rollout of model-${i}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }
}

/** Reads the table stream's first line. */
async function tableOf(controller: string): Promise<Table> {
  const answer = await fetch(`${controller}/v1/link/table`);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    // To leave the loop is to end the stream.
    if (end >= 0) return JSON.parse(text.slice(0, end)) as Table;
  }
  throw new Error("the table stream ended");
}

class Fleet {
  readonly #controller: string;
  readonly #workers: readonly Worker[];
  readonly tookMs: number[] = [];
  #table: Table;
  #refreshing: Promise<void> | null = null;

  constructor(controller: string, table: Table) {
    this.#controller = controller;
    this.#table = table;
    this.#workers = Array.from(
      { length: gateways },
      (_, index) => new Worker(`edge-${index}`, requests, createRandom(index + 1)),
    );
  }

  /** Each worker reports so often, one after the other; 0: as soon as it is answered. */
  async report(forMs: number, everyMs: number): Promise<void> {
    const untilMs = performance.now() + forMs;
    await Promise.all(
      this.#workers.map(async (worker, index) => {
        await sleep((everyMs * index) / this.#workers.length);
        for (let dueMs = performance.now(); dueMs < untilMs; dueMs = Math.max(dueMs + everyMs, 0)) {
          const early = dueMs - performance.now();
          if (early > 0) await sleep(early);
          await this.#send(worker);
          if (everyMs === 0) dueMs = performance.now();
        }
      }),
    );
  }

  async #send(worker: Worker): Promise<void> {
    const { acknowledgement, tookMs } = await send(this.#controller, worker.frame(this.#table));
    this.tookMs.push(tookMs);
    if (acknowledgement.table > this.#table.number) await this.#refresh();
  }

  /** Once for all of them. */
  async #refresh(): Promise<void> {
    this.#refreshing ??= tableOf(this.#controller).then((table) => {
      this.#table = table;
      this.#refreshing = null;
    });
    await this.#refreshing;
  }
}

function stretchOf(before: Reading, after: Reading, tookMs: readonly number[]): Stretch {
  const elapsed = (after.atMs - before.atMs) / 1_000;
  const frames = after.frames - before.frames;
  const cpu = after.cpuSeconds - before.cpuSeconds;
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  const quantiles = (of: "turns" | "commits") => ({
    p50: quantileMs(0.5, before[of], after[of]),
    p99: quantileMs(0.99, before[of], after[of]),
  });
  return {
    framesPerSecond: frames / elapsed,
    core: cpu / elapsed,
    cpuMsPerFrame: (cpu * 1_000) / Math.max(1, frames),
    acknowledgedMs: { p50: at(0.5), p99: at(0.99) },
    turnMs: quantiles("turns"),
    commitMs: quantiles("commits"),
    ticksPerSecond: (after.ticks - before.ticks) / elapsed,
    lateRequests: after.lateRequests - before.lateRequests,
  };
}

async function measured(
  controller: string,
  fleet: Fleet,
  forMs: number,
  everyMs: number,
): Promise<Stretch> {
  fleet.tookMs.length = 0;
  const before = await readController(controller);
  await fleet.report(forMs, everyMs);
  return stretchOf(before, await readController(controller), fleet.tookMs);
}

async function measure(
  folder: string,
): Promise<{ readonly steady: Stretch; readonly flatOut: Stretch }> {
  const canPin = availableParallelism() > 1 && isInstalled("taskset");
  const controller = await startController(canPin ? 1 : null, folder, configOf(rollouts));
  await startRollouts(controller, rollouts);
  const fleet = new Fleet(controller, await tableOf(controller));
  await fleet.report(WARM_SECONDS * 1_000, REPORT_MS);
  return {
    steady: await measured(controller, fleet, seconds * 1_000, REPORT_MS),
    flatOut: await measured(controller, fleet, flatOutSeconds * 1_000, 0),
  };
}

function told(name: string, stretch: Stretch): string {
  const ms = (value: number | null): string =>
    value === null ? "over 5000" : String(Math.round(value * 10) / 10);
  const both = ({ p50, p99 }: Stretch["turnMs"]): string => `${ms(p50)} / ${ms(p99)} ms`;
  return [
    `${name}: ${Math.round(stretch.framesPerSecond)} frames a second accepted, ${Math.round(stretch.core * 100)}% of a core, ${ms(stretch.cpuMsPerFrame)} ms of it a frame`,
    `  acknowledged after ${both(stretch.acknowledgedMs)} (p50 / p99)`,
    `  a turn of all rollouts within ${both(stretch.turnMs)}, a commit within ${both(stretch.commitMs)}`,
    `  ${Math.round(stretch.ticksPerSecond * 10) / 10} ticks a second consumed, ${stretch.lateRequests} requests too late to count`,
  ].join("\n");
}

const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
try {
  const { steady, flatOut } = await measure(folder);
  const load = { rollouts, gateways, requestsPerGatewaySecond: requests, seconds };
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ machine: thisMachine(), load, steady, flatOut })}\n`);
  } else {
    const head = `${rollouts} rollouts, ${gateways} gateways, each with ${requests} requests a second`;
    process.stdout.write(
      `${head}\n${told("every second", steady)}\n${told("flat out", flatOut)}\n`,
    );
  }
} finally {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
}
