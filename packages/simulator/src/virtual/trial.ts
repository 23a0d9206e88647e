// Measures one version under a given load, alone, in virtual time: the truth that forecasts, gates and presets
// are held against. A minute of traffic takes well under a second.
import { createRandom, murmur3 } from "@slipway/core";
import type { Arrivals } from "../population/arrival.ts";
import { startPopulation } from "../population/population.ts";
import { requestBody } from "../population/request-body.ts";
import { Users, type UsersOptions, usersDefault } from "../population/users.ts";
import { ModelServer } from "../server/model-server.ts";
import type { SimulatedVersion } from "../version.ts";
import { VirtualClock } from "./clock.ts";

export type TrialOptions = {
  readonly version: SimulatedVersion;
  /** What the whole population sends. */
  readonly arrivals: Arrivals;
  /** Share of the users that this version serves; the others' requests go nowhere. */
  readonly share: number;
  readonly seed: number;
  /** Requests that arrive before this are served and not counted: caches are cold, queues empty. */
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly users?: UsersOptions;
};

export type TrialReport = {
  readonly requests: number;
  /** Answered with 200 and to the end. */
  readonly ok: number;
  /** Answered with another status, or cut. */
  readonly failed: number;
  /** Not answered a minute after the load had ended. */
  readonly open: number;
  /** Of all counted requests from when they were due; those without a good answer are Infinity. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cachedShare: number;
  readonly preemptions: number;
  /** Share of the time that replicas were computing. */
  readonly busyShare: number;
};

/** What is under way when the load ends has this long to be answered. */
const DRAIN_MS = 60_000;

type Outcome = { latencyMs: number; ended: boolean };

export function runTrial(options: TrialOptions): TrialReport {
  const { version, warmupMs, durationMs } = options;
  const clock = new VirtualClock();
  // Randomness of its own, so that the users do not depend on what the server draws.
  const server = new ModelServer({ version, clock, random: createRandom(options.seed) });
  const outcomes: Outcome[] = [];
  const stop = startPopulation({
    clock,
    arrivals: options.arrivals,
    users: new Users(options.users ?? usersDefault, createRandom(options.seed + 1)),
    issue: (request, dueMs) => {
      if (murmur3(request.user, options.seed) >= options.share * 2 ** 32) return;
      const outcome: Outcome = { latencyMs: Number.POSITIVE_INFINITY, ended: false };
      if (dueMs >= warmupMs) outcomes.push(outcome);
      const { path, body } = requestBody(request, version.model);
      send(server, clock, path, body, dueMs, outcome);
    },
  });
  clock.run(warmupMs + durationMs);
  stop();
  const report = reportOf(server, clock.mono());
  clock.run(clock.mono() + DRAIN_MS);
  return { ...report, ...countOf(outcomes) };
}

function send(
  server: ModelServer,
  clock: VirtualClock,
  path: string,
  body: string,
  dueMs: number,
  outcome: Outcome,
): void {
  let status = 0;
  server.handle(
    { method: "POST", path, authorization: undefined, body },
    {
      head: (code) => {
        status = code;
      },
      chunk: () => {},
      end: () => {
        outcome.ended = true;
        if (status === 200) outcome.latencyMs = clock.mono() - dueMs;
      },
      cut: () => {
        outcome.ended = true;
      },
    },
  );
}

type Counts = Pick<TrialReport, "requests" | "ok" | "failed" | "open" | "p50Ms" | "p99Ms">;

function countOf(outcomes: readonly Outcome[]): Counts {
  const sorted = Float64Array.from(outcomes, (outcome) => outcome.latencyMs).sort();
  const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
  const ok = outcomes.filter((outcome) => outcome.latencyMs < Number.POSITIVE_INFINITY).length;
  const open = outcomes.filter((outcome) => !outcome.ended).length;
  return {
    requests: outcomes.length,
    ok,
    failed: outcomes.length - ok - open,
    open,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function reportOf(server: ModelServer, elapsedMs: number): Omit<TrialReport, keyof Counts> {
  const sum = (field: "cachedTokens" | "prefillTokens" | "preemptions" | "busyMs"): number =>
    server.stats.reduce((total, stats) => total + stats[field], 0);
  return {
    cachedShare: sum("cachedTokens") / (sum("cachedTokens") + sum("prefillTokens")),
    preemptions: sum("preemptions"),
    busyShare: sum("busyMs") / (elapsedMs * server.stats.length),
  };
}
