// The course of a soak: clients from beginning to end, tables that change all the time, workers that are replaced in its
// first part only. Memory is judged in its second half, when the last workers have been there for a while.
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, nodeCommand, startProgram } from "../processes.ts";
import type { ClientsNews } from "./clients-main.ts";
import type { Sample } from "./flatness.ts";
import { type GatewayUnderSoak, type Member, startGateway } from "./gateway.ts";
import type { KeptMemory } from "./kept-memory.ts";
import type { Open } from "./kernel.ts";
import type { Options } from "./options.ts";
import { newTally, sumOf, type Tally } from "./tally.ts";
import type { UpstreamNews } from "./upstream-main.ts";

const CHANGES = 100;
const RESTARTS = 10;
/** Nothing could be more frequent: a step has to be confirmed, and a worker to take its leave. */
const CHANGE_MS_MIN = 600;
const RESTART_MS_MIN = 12_000;
/** A client may find out so much later. */
const RESTART_AFTER_MS = 2_000;
const RESTART_PART = 0.4;
const JUDGED_FROM = 0.5;
/** Where restarts were late, a soak goes on for longer. */
const JUDGED_PART = 0.4;
/** New workers compile, and fill their memories: so much of the run they are not judged. */
const SETTLING = 0.1;
const SAMPLE_MS = 1_000;
/** Longer than the gateway keeps an idle connection to an upstream. */
const REST_MS_MAX = 15_000;
const REST_POLL_MS = 250;
const USERS = 5_000;

/** What must be as it was when nobody asks anything. */
export type Standing = Open & {
  readonly openRequests: number;
  readonly inFlight: number;
  readonly queued: number;
};

export type Course = {
  readonly seconds: number;
  readonly tally: Tally;
  readonly upstream: UpstreamNews;
  readonly changes: { readonly planned: number; readonly made: number; readonly tables: number };
  readonly restarts: { readonly planned: number; readonly made: number };
  /** Requests that met the end of their kept connection while no worker was being replaced. */
  readonly racedOutside: number;
  /** What a change or a restart was refused for. */
  readonly refusals: readonly string[];
  readonly before: Standing;
  readonly after: Standing;
  /** Of each process that lived through the judged part, by its name. */
  readonly memory: ReadonlyMap<string, KeptMemory>;
  readonly judgedFromSeconds: number;
  /** Turns that ended in the judged part. */
  readonly judgedTurns: number;
  readonly residentMiBMax: number;
  /** What the workers together held when the clients stopped, by the parts of it that they tell of. */
  readonly heldMiB: Readonly<Record<string, number>>;
};

export async function run(folder: string, options: Options): Promise<Course> {
  const upstreamPort = await freePort();
  const upstream = startProgram(
    nodeCommand("bench/soak/upstream-main.ts", String(upstreamPort), options.planted),
    {},
    "ipc",
  );
  const gateway = await startGateway(folder, upstreamPort, options);
  const soak = new Soak(options, gateway, upstream);
  return soak.run();
}

class Soak {
  readonly #options: Options;
  readonly #gateway: GatewayUnderSoak;
  #upstream: UpstreamNews = { requests: 0, left: 0, open: 0 };
  #tally: Tally = newTally();
  readonly #refusals: string[] = [];
  #residentMiBMax = 0;
  #startMs = 0;
  /** Processes that live since the judged part began. */
  #judged: readonly Member[] = [];
  #judgedFromMs = 0;
  /** Turns that had ended when the judged part began. */
  #turnsBefore = 0;
  readonly #restarts: { readonly fromMs: number; readonly toMs: number }[] = [];

  constructor(options: Options, gateway: GatewayUnderSoak, upstream: ChildProcess) {
    this.#options = options;
    this.#gateway = gateway;
    upstream.on("message", (news: UpstreamNews) => {
      this.#upstream = news;
    });
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  async run(): Promise<Course> {
    const { clients, seconds } = this.#options;
    const ms = seconds * 1_000;
    const changesPlanned = Math.min(CHANGES, Math.floor(ms / CHANGE_MS_MIN));
    const restartMs = ms * RESTART_PART;
    const restartsPlanned = Math.max(1, Math.min(RESTARTS, Math.floor(restartMs / RESTART_MS_MIN)));
    const before = await this.#rested(null);
    const table = await this.#tableNumber();
    const load = startClients(this.#gateway.port, this.#options.seed, clients, (tally) => {
      this.#tally = tally;
    });
    this.#startMs = performance.now();
    const sampling = setInterval(() => this.#sample(), SAMPLE_MS);
    await Promise.all([
      this.#spread(changesPlanned, ms, () => this.#gateway.changes.next()),
      this.#replace(restartsPlanned, restartMs),
      sleep(ms),
    ]);
    if (!this.#options.isQuick) {
      await sleep(Math.max(0, this.#judgedFromMs + JUDGED_PART * ms - this.#elapsedMs));
    }
    clearInterval(sampling);
    const lastedMs = this.#elapsedMs;
    const memory = this.#memory();
    const held = await this.#gateway.metric("slipway_worker_memory_bytes", "kind");
    await load.end();
    const after = await this.#rested(before);
    return {
      seconds: lastedMs / 1_000,
      tally: this.#tally,
      upstream: this.#upstream,
      changes: {
        planned: changesPlanned,
        made: this.#gateway.changes.steps,
        tables: (await this.#tableNumber()) - table,
      },
      restarts: { planned: restartsPlanned, made: this.#restarts.length },
      racedOutside: this.#tally.racedAtMs.filter((atMs) => !this.#isRestarting(atMs)).length,
      refusals: this.#refusals,
      before,
      after,
      memory,
      judgedFromSeconds: this.#judgedFromMs / 1_000,
      judgedTurns: turnsOf(this.#tally) - this.#turnsBefore,
      residentMiBMax: this.#residentMiBMax,
      heldMiB: Object.fromEntries([...held].map(([kind, bytes]) => [kind, bytes / 2 ** 20])),
    };
  }

  /** On a busy machine restarts take longer: memory is judged once the last workers are settled, too. */
  async #replace(times: number, withinMs: number): Promise<void> {
    const ms = this.#options.seconds * 1_000;
    await this.#spread(times, withinMs, async () => {
      const fromMs = Date.now();
      await this.#gateway.restart();
      this.#restarts.push({ fromMs, toMs: Date.now() + RESTART_AFTER_MS });
    });
    this.#judgedFromMs = Math.max(JUDGED_FROM * ms, this.#elapsedMs + SETTLING * ms);
    await sleep(Math.max(0, Math.min(ms, this.#judgedFromMs) - this.#elapsedMs));
    this.#turnsBefore = turnsOf(this.#tally);
    this.#judged = this.#gateway.members();
  }

  #isRestarting(atMs: number): boolean {
    return this.#restarts.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
  }

  /** Does something so many times, evenly; what is late is done at once. */
  async #spread(times: number, withinMs: number, act: () => Promise<void>): Promise<void> {
    for (let i = 0; i < times; i++) {
      const dueMs = ((i + 0.5) * withinMs) / times;
      await sleep(Math.max(0, dueMs - this.#elapsedMs));
      try {
        await act();
      } catch (error) {
        this.#refusals.push(error instanceof Error ? error.message : String(error));
      }
    }
  }

  #sample(): void {
    for (const member of this.#gateway.members()) {
      const resident = this.#gateway.residentMiB(member) ?? 0;
      this.#residentMiBMax = Math.max(this.#residentMiBMax, resident);
    }
  }

  /** Of those that lived to the end: a worker that was replaced after all is not judged, and fails the report. */
  #memory(): ReadonlyMap<string, KeptMemory> {
    const fromMs = Date.now() - this.#elapsedMs + this.#judgedFromMs;
    const pids = this.#gateway.members().map(({ pid }) => pid);
    const living = this.#judged.filter(({ pid }) => pids.includes(pid));
    const judged = (samples: readonly Sample[]): readonly Sample[] =>
      samples.filter(({ atMs }) => atMs >= fromMs);
    return new Map(
      living.map((member) => {
        const { kept, resident } = this.#gateway.keptMemory(member);
        return [member.name, { kept: judged(kept), resident: judged(resident) }];
      }),
    );
  }

  #tableNumber(): Promise<number> {
    return this.#gateway.total("slipway_table_number");
  }

  /** How it stands once it has come to rest: as before, where that is known. What is left at the end of the time is left. */
  async #rested(before: Standing | null): Promise<Standing> {
    const endMs = performance.now() + REST_MS_MAX;
    for (;;) {
      const standing = await this.#standing();
      const isAtRest =
        standing.toClients + standing.toUpstreams + standing.openRequests === 0 &&
        standing.files <= (before?.files ?? Number.POSITIVE_INFINITY);
      if (isAtRest || performance.now() > endMs) return standing;
      await sleep(REST_POLL_MS);
    }
  }

  async #standing(): Promise<Standing> {
    return {
      inFlight: await this.#gateway.total("slipway_requests_in_flight"),
      queued: await this.#gateway.total("slipway_requests_queued"),
      openRequests: await this.#gateway.openRequests(),
      ...this.#gateway.open(),
    };
  }
}

function turnsOf({ done, left }: Tally): number {
  return sumOf(done) + sumOf(left);
}

function startClients(
  port: number,
  seed: number,
  clients: number,
  hear: (tally: Tally) => void,
): { readonly end: () => Promise<void> } {
  const order = JSON.stringify({ port, seed, clients, users: USERS });
  const child = startProgram(nodeCommand("bench/soak/clients-main.ts", order), {}, "ipc");
  const over = new Promise<void>((resolve, reject) => {
    child.on("message", ({ isOver, tally }: ClientsNews) => {
      hear(tally);
      if (isOver) resolve();
    });
    child.once("exit", () => reject(new Error("the clients of the soak ended by themselves")));
  });
  // Whoever waits for them hears of it; a soak that failed before ends them itself, and its own error is the one to show.
  over.catch(() => {});
  return {
    end: async () => {
      child.send("stop");
      await over;
    },
  };
}
