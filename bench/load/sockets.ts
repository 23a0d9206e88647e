// The gate at a real socket: the server and the generator in processes of their own, on a processor that is free, and on
// one that is not.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { percentText } from "@slipway/core";
import type { GateFinding } from "@slipway/preflight";
import { offText } from "./figures.ts";
import { LOAD_SETTINGS, requestsOf } from "./settings.ts";
import type { SocketOrder } from "./socket-main.ts";
import { trueCapacity } from "./truth.ts";

/** Its requests are the shortest, and its rate the highest: a minute of it says something. */
const SETTING = "completions";
/** Of its capacity: so that the step of the load itself has enough requests for a P99. */
const LOAD = 0.7;
/** A run that is void at once needs no longer. */
const STARVED_STEP_MS_MAX = 12_000;
/** About what the free run sends; how much it is does not matter to a run that is void. */
const STARVED_PER_SECOND = 12;
/** Loops that keep the generator's processor busy. */
const BUSY = 2;

export type SocketRun = {
  readonly how: "free" | "starved";
  /** Why it was left out; null where it ran. */
  readonly skipped: string | null;
  readonly outcome: string | null;
  readonly because: string | null;
  readonly measured: number | null;
  /** Null where nobody asked. */
  readonly trueCapacity: number | null;
  readonly lagP99Ms: number | null;
  /** Of a P99, or of the capacity: what may be the generator's own. */
  readonly ownShare: number | null;
};

/** `only`: the starved run by itself, which needs no more than its steps. */
export async function socketRuns(
  stepMs: number,
  only: "starved" | null,
): Promise<readonly SocketRun[]> {
  const place = LOAD_SETTINGS.findIndex(({ name }) => name === SETTING);
  const setting = LOAD_SETTINGS[place];
  if (setting === undefined) throw new Error(`there is no setting ${SETTING}`);
  const isFree = only === null;
  const capacity = isFree ? trueCapacity(setting, requestsOf(setting, 1), 2) : null;
  const server = spawned("fleet-main.ts", String(place));
  const lines = createInterface({ input: server.stdout ?? process.stdin });
  const [url] = (await once(lines, "line")) as [string];
  const perSecond = capacity === null ? STARVED_PER_SECOND : LOAD * capacity;
  const order = { url, place, perSecond, stepMs, lagMsMax: 100 };
  try {
    return [
      ...(isFree ? [await run("free", order, capacity)] : []),
      await run("starved", { ...order, stepMs: Math.min(stepMs, STARVED_STEP_MS_MAX) }, capacity),
    ];
  } finally {
    server.kill();
  }
}

async function run(
  how: SocketRun["how"],
  order: SocketOrder,
  capacity: number | null,
): Promise<SocketRun> {
  const nothing = {
    outcome: null,
    because: null,
    measured: null,
    lagP99Ms: null,
    ownShare: null,
  };
  const has = (tool: string): boolean => spawnSync(tool, ["--version"]).error === undefined;
  if (how === "starved" && !(has("taskset") && has("nice"))) {
    const skipped = "taskset (util-linux) is not here: there is no way to starve the generator";
    return { how, skipped, trueCapacity: capacity, ...nothing };
  }
  const busy = how === "starved" ? Array.from({ length: BUSY }, () => busyLoop()) : [];
  try {
    const finding = await found(how, order);
    const value = (name: string): number | null =>
      finding.figures.find((figure) => figure.name === name)?.value ?? null;
    return {
      how,
      skipped: null,
      outcome: finding.outcome,
      because: finding.because,
      measured: value("capacity"),
      trueCapacity: capacity,
      lagP99Ms: value("P99 lag of the generator"),
      ownShare: value("generator's own share"),
    };
  } finally {
    for (const loop of busy) loop.kill();
  }
}

async function found(how: SocketRun["how"], order: SocketOrder): Promise<GateFinding> {
  // Whoever has a low priority on a processor that is always wanted gets to it now and then.
  const starved = how === "starved" ? ["taskset", "-c", "0", "nice", "-n", "10"] : [];
  const child = spawned("socket-main.ts", JSON.stringify(order), starved);
  const parts: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (part: string) => parts.push(part));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the run at a socket ended with ${code}`);
  return JSON.parse(parts.join("")) as GateFinding;
}

function busyLoop(): ChildProcess {
  return spawn("taskset", ["-c", "0", process.execPath, "-e", "for(;;);"], { stdio: "ignore" });
}

function spawned(file: string, argument: string, before: readonly string[] = []): ChildProcess {
  const line = [
    ...before,
    process.execPath,
    "--conditions=@slipway/source",
    join(import.meta.dirname, file),
    argument,
  ];
  const [program = "", ...rest] = line;
  return spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
}

function ratioOf({ measured, trueCapacity: truth }: SocketRun): number | null {
  return measured === null || truth === null ? null : measured / truth;
}

export function socketTable(runs: readonly SocketRun[]): string {
  return [
    "| generator's processor | verdict | lag P99 | its own share | capacity, off |",
    "|---|---|---|---|---|",
    ...runs.map((one) =>
      one.skipped === null
        ? `| ${one.how} | ${one.outcome}: ${one.because} | ${Math.round(one.lagP99Ms ?? 0)} ms | ${percentText(one.ownShare ?? 0)} | ${offText(ratioOf(one))} |`
        : `| ${one.how} | skipped: ${one.skipped} | – | – | – |`,
    ),
  ].join("\n");
}
