// Runs many worlds, over all cores, and sums up: `npm run worlds -- --from 1 --to 10000 --minutes 60`. Exits with 1 when a
// promise was broken in any of them, and prints the commands that run those again, whole and shrunk.
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { PLANTS } from "../world/plants.ts";
import { commandOf, WHOLE } from "../world/reduction.ts";
import { optionsOf, usageError } from "./argument.ts";
import { runSeed, shrunkSeed } from "./world-seed.ts";

/** What a thread is told: a seed to run, and for how long a failing one may be shrunk. */
type Task = {
  readonly seed: number;
  readonly plant: string | null;
  readonly shrinkSeconds: number;
};

type Outcome = {
  readonly seed: number;
  readonly requests: number;
  readonly virtualMs: number;
  /** What was broken, and the commands that show it; none where all was kept. */
  readonly lines: readonly string[];
};

const USAGE = "npm run worlds -- [--from 1] [--to 200] [--minutes M] [--jobs N] [--plant BUG]";
/** Failing worlds beyond these are named, and not shrunk. */
const SHRUNK_MAX = 5;
const SHRINK_SECONDS = 60;
const PROGRESS_EVERY = 100;
/** A world lives on 30 MB; without limits threads let garbage grow to many times that before they collect it. */
const MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 };

async function outcomeOf({ seed, plant, shrinkSeconds }: Task): Promise<Outcome> {
  const whole = { ...WHOLE, plant };
  const report = await runSeed(seed, whole);
  const { violations, virtualMs, load } = report;
  const [first] = violations;
  const lines: string[] = [];
  if (first !== undefined) {
    lines.push(
      `seed ${seed}: ${first.checker} at ${(first.atMs / 1000).toFixed(3)} s: ${first.text}`,
    );
    lines.push(`  run it again: ${commandOf(seed, whole)}`);
    if (shrinkSeconds > 0) {
      const smaller = await shrunkSeed(seed, whole, report, shrinkSeconds);
      lines.push(`  smaller: ${commandOf(seed, smaller)}`);
    }
  }
  return { seed, requests: load?.due ?? 0, virtualMs, lines };
}

function countOf(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  return usageError(`--${name} is a whole number from ${least} on, not ${text}`, USAGE);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

class Run {
  readonly #to: number;
  readonly #plant: string | null;
  readonly #endMs: number;
  #next: number;
  #done = 0;
  #failed = 0;
  #shrinks = 0;
  #requests = 0;
  #virtualMs = 0;

  constructor(from: number, to: number, minutes: number, plant: string | null) {
    this.#next = from;
    this.#to = to;
    this.#plant = plant;
    this.#endMs = performance.now() + minutes * 60_000;
  }

  /** Over one thread, until no seed is left or the time is over. */
  async drive(): Promise<void> {
    const thread = new Worker(new URL(import.meta.url), { resourceLimits: MEMORY });
    try {
      for (let seed = this.#take(); seed !== null; seed = this.#take()) {
        const shrinkSeconds = this.#shrinkSeconds();
        this.#count(await asked(thread, { seed, plant: this.#plant, shrinkSeconds }));
      }
    } finally {
      await thread.terminate();
    }
  }

  /** The exit code. */
  conclude(wanted: number): number {
    const { user, system } = process.cpuUsage();
    const cpuMs = (user + system) / 1000;
    const hours = (this.#virtualMs / 3_600_000).toFixed(1);
    if (this.#done < wanted) print(`the time was over after ${this.#done} of ${wanted} worlds`);
    print(
      `${this.#done - this.#failed} of ${this.#done} worlds held: ${this.#requests} requests in ${hours} h of virtual time, ` +
        `${Math.round(cpuMs / Math.max(1, this.#done))} ms of CPU each`,
    );
    return this.#failed === 0 && this.#done > 0 ? 0 : 1;
  }

  /** For how long a world that fails may be shrunk: never beyond the end. */
  #shrinkSeconds(): number {
    const leftSeconds = Math.floor((this.#endMs - performance.now()) / 1_000);
    return this.#shrinks < SHRUNK_MAX ? Math.max(0, Math.min(SHRINK_SECONDS, leftSeconds)) : 0;
  }

  #take(): number | null {
    if (this.#next > this.#to || performance.now() >= this.#endMs) return null;
    return this.#next++;
  }

  #count({ lines, requests, virtualMs }: Outcome): void {
    this.#done++;
    this.#requests += requests;
    this.#virtualMs += virtualMs;
    if (lines.length > 0) this.#failed++;
    if (lines.length > 0) this.#shrinks++;
    for (const line of lines) print(line);
    if (this.#done % PROGRESS_EVERY === 0) print(`${this.#done} worlds, ${this.#failed} failed`);
  }
}

function asked(thread: Worker, task: Task): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: Outcome): void => {
      thread.off("error", reject);
      resolve(outcome);
    };
    thread.once("message", settle);
    thread.once("error", reject);
    thread.postMessage(task);
  });
}

async function main(): Promise<void> {
  const config = {
    options: {
      from: { type: "string", default: "1" },
      to: { type: "string", default: "200" },
      minutes: { type: "string", default: "600" },
      jobs: { type: "string", default: String(availableParallelism()) },
      /** As for one world. */
      plant: { type: "string" },
    },
  } as const;
  const values = optionsOf(config, USAGE);
  const from = countOf("from", values.from, 0);
  const to = countOf("to", values.to, from);
  const plant = values.plant ?? null;
  if (plant !== null && !PLANTS.has(plant)) {
    usageError(`--plant knows no ${plant}; it knows ${[...PLANTS.keys()].join(", ")}`, USAGE);
  }
  const run = new Run(from, to, countOf("minutes", values.minutes, 1), plant);
  const jobs = Math.min(countOf("jobs", values.jobs, 1), to - from + 1);
  await Promise.all(Array.from({ length: jobs }, () => run.drive()));
  process.exitCode = run.conclude(to - from + 1);
}

if (isMainThread) await main();
else parentPort?.on("message", (task: Task) => void answer(task));

async function answer(task: Task): Promise<void> {
  parentPort?.postMessage(await outcomeOf(task));
}
