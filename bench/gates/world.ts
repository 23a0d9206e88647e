// A preflight's surroundings in memory: two versions whose answers, times and memory are drawn, alike unless a fault is
// planted in the candidate or around it. Nothing is served: what is tried are the gates' own rules.
import { createHash } from "node:crypto";
import {
  createRandom,
  type GateResult,
  logNormal,
  murmur3,
  type Random,
  type Shot,
} from "@slipway/core";
import {
  type Ask,
  type Endpoint,
  gates,
  runGates,
  type Served,
  type Shoot,
  type Surroundings,
} from "@slipway/preflight";
import { scoringPorts } from "@slipway/preflight/edge";
import { VirtualClock } from "@slipway/simulator";
import { type ModelDocument, SlipwayError } from "@slipway/wire";
import { type ConfiguredGate, type GateSettings, loadConfig } from "@slipway/wire/config";
import { keptAnswers } from "./kept.ts";
import { season, seasonProbes } from "./season.ts";

/** What is tried, in the order in which it runs. */
export const TRIED = [
  "command",
  "prompts",
  "benchmark",
  "load",
  "capacity",
  "plan",
  "soak",
  "shadow",
  "drift",
] as const;
export type Tried = (typeof TRIED)[number];

const ITEMS = 1_500;
const PROMPTS = 200;
const TOLD = { right: 0.8, malformed: 0.03, failed: 0.002, medianMs: 300, spread: 0.5 } as const;
/** Of a version with a fault planted for a gate. */
const PLANTED = {
  right: 0.7,
  malformed: 0.25,
  medianMs: 900,
  memoryMiBPerHour: 2_000,
  replicas: 3,
} as const;
const MEMORY_MIB = 2_000;
const HOUR_MS = 3_600_000;
const FALSE_ALARMS: { readonly [gate in Tried]?: number } = {
  prompts: 0.01,
  benchmark: 0.05,
  soak: 0.01,
  shadow: 0.05,
  drift: 0.01,
};

/** Chance that a version that is no worse fails, as the settings have it; null where nothing is drawn, or a limit is far. */
export function nominalOf(gate: Tried): number | null {
  return FALSE_ALARMS[gate] ?? null;
}

const CONFIG = `
models:
  m:
    stable: v1
    versions:
      v1: {upstreams: [{url: "http://127.0.0.1:1/v1", replicas: 10}]}
      v2: {upstreams: [{url: "http://127.0.0.1:2/v1", replicas: 10}]}
    preflight:
      command: {run: npm test}
      prompts: {files: [prompts.jsonl], false-alarm: 1%}
      benchmark: {data: [items.jsonl], false-alarm: 5%}
      load:
        traffic: &traffic {peak-per-second: 20, prompt-tokens: 500, output-tokens: 50}
        latency-p99: 2s
        step: 1m
        find-capacity: false
      capacity: {traffic: *traffic, latency: 2s, per-replica: 5}
      plan: {owner: the team, tell: [everybody]}
      soak: {traffic: *traffic, length: 1h, uptime: 2h, false-alarm: 1%}
      shadow: {recorded: [answers.jsonl], pairs: 500, false-alarm: 5%}
      drift: {probes: [probes.jsonl], false-alarm: 1%}
`;

type Setup = {
  readonly document: ModelDocument;
  readonly settings: GateSettings;
  readonly around: Pick<Surroundings, "stable" | "candidate" | "policy">;
};

const SETUP = setup();

function setup(): Setup {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const loaded = loadConfig({ file: "gates", text: CONFIG, sha256, isSet: null });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const [model] = loaded.models;
  const settings = loaded.gates["m"];
  const [stable, candidate] = model?.versions ?? [];
  if (
    model === undefined ||
    stable === undefined ||
    candidate === undefined ||
    settings === undefined
  ) {
    throw new Error("the file of this bench has no two versions");
  }
  const served = (version: typeof stable): Served => {
    const endpoint: Endpoint = {
      id: version.id,
      baseUrl: "http://127.0.0.1:1/v1",
      model: version.id,
      headers: {},
      caFile: null,
    };
    return { version, endpoints: [endpoint] };
  };
  return {
    document: model,
    settings,
    around: { stable: served(stable), candidate: served(candidate), policy: model.policy },
  };
}

/** The whole preflight, of versions that are alike but for what is planted. */
export async function flown(
  seed: number,
  planted: Tried | null,
  tried: readonly Tried[] = TRIED,
): Promise<readonly GateResult[]> {
  if (planted === "drift") return [await seasonOf(seed, true)];
  const clock = new VirtualClock();
  const random = (purpose: string): Random => createRandom(murmur3(`${seed} ${purpose}`));
  const names: readonly ConfiguredGate[] =
    planted === null ? tried.filter((gate) => gate !== "drift") : [planted];
  const { stable, candidate, policy } = SETUP.around;
  const results = await runGates({
    gates,
    names,
    settings: SETUP.settings,
    surroundings: {
      ...UNUSED,
      model: "m",
      stable,
      candidate: planted === "capacity" ? withFewReplicas(candidate) : candidate,
      learnt: [],
      policy,
      clock,
      random: (own) => createRandom(murmur3(`${seed} gate ${own}`)),
      ask: asks(random("answers"), planted),
      files: {
        read: (path) => {
          if (path === "answers.jsonl") {
            return Promise.resolve(keptAnswers("m", random("kept"), planted === "shadow"));
          }
          return Promise.resolve(path === "items.jsonl" ? items() : prompts());
        },
      },
      runCommand: () =>
        Promise.resolve({
          exitCode: planted === "command" ? 2 : 0,
          endedBy: "itself",
          durationMs: 1_000,
          tail: "",
          droppedBytes: 0,
        }),
      scoring: scoringPorts,
      shoot: shoots(clock, random("times"), planted),
      http: () =>
        Promise.resolve({
          status: 200,
          text: memoryText(clock.mono(), random(`memory ${clock.mono()}`), planted),
        }),
      pools: [],
      signal: new AbortController().signal,
    },
    started: () => {},
    progress: () => {},
    ended: () => {},
  });
  const looks = planted === null && tried.includes("drift");
  return looks ? [...results, await seasonOf(seed, false)] : results;
}

/** Of stable as a provider serves it. */
function seasonOf(seed: number, changes: boolean): Promise<GateResult> {
  const { document, settings, around } = SETUP;
  const { drift } = settings;
  if (drift === undefined) throw new Error("the file of this bench watches nothing");
  const { probes: _, ...order } = drift;
  const { version, endpoints } = around.stable;
  const upstreams = version.upstreams.map(({ replicas: _none, ...upstream }) => upstream);
  return season(seed, changes, {
    document: { ...document, drift: { ...order, probes: seasonProbes() } },
    settings,
    around: {
      ...UNUSED,
      ...around,
      model: "m",
      stable: { version: { ...version, upstreams }, endpoints },
      random: createRandom,
      files: { read: unused },
      runCommand: unused,
      scoring: scoringPorts,
      shoot: unused,
      http: unused,
      learnt: [],
      pools: [],
      signal: new AbortController().signal,
    },
  });
}

function withFewReplicas({ version, endpoints }: Served): Served {
  const upstreams = version.upstreams.map((upstream) => ({
    ...upstream,
    replicas: PLANTED.replicas,
  }));
  return { version: { ...version, upstreams }, endpoints };
}

const unused = (): never => {
  throw new Error("no gate of this bench asks for that");
};

/** When the way back was last rehearsed a controller knows, and here is none. */
const unreached: Surroundings["drilling"]["look"] = () => {
  const what = { code: "controller_unreachable", status: 503, message: "no controller answers" };
  return Promise.reject(new SlipwayError({ ...what, fix: null }));
};

const UNUSED = {
  listFolder: unused,
  secret: () => null,
  mirroring: { start: unused, look: unused, stop: unused },
  drilling: {
    ...{ key: unused, look: unreached, phase: unused },
    ...{ start: unused, fault: unused, end: unused },
  },
  drifting: { view: unused, takeBaseline: unused, look: unused },
  sha256: (text: string): string => createHash("sha256").update(text).digest("hex"),
} as const;

function items(): string {
  return Array.from({ length: ITEMS }, (_, at) =>
    JSON.stringify({
      id: `item-${at}`,
      prompt: `item ${at}`,
      expect: { exact: "right" },
      tags: [at % 2 === 0 ? "even" : "odd"],
    }),
  ).join("\n");
}

function prompts(): string {
  return Array.from({ length: PROMPTS }, (_, at) =>
    JSON.stringify({
      id: `prompt-${at}`,
      user: `prompt ${at}`,
      request: { max_tokens: 50 },
      expect: { json: true },
      tags: { language: at % 2 === 0 ? "typescript" : "python" },
    }),
  ).join("\n");
}

function asks(random: Random, planted: Tried | null): Ask {
  return ({ endpoint, body }) => {
    const isCandidate = endpoint.model === "v2";
    if (planted === "plan" && !isCandidate) {
      return Promise.resolve({ kind: "failure", because: "connection", totalMs: 1 });
    }
    const asked = JSON.stringify(body["messages"]);
    const own = (gate: Tried, told: number, bad: number): number =>
      planted === gate && isCandidate ? bad : told;
    const draw = random.next();
    const json = draw < own("prompts", TOLD.malformed, PLANTED.malformed) ? "{" : "{}";
    const text = draw < own("benchmark", TOLD.right, PLANTED.right) ? "right" : "wrong";
    const totalMs = logNormal(random, TOLD.medianMs, TOLD.spread);
    return Promise.resolve({
      kind: "answer",
      text: asked.includes("item ") ? text : json,
      refusal: null,
      toolCalls: [],
      finishReason: "stop",
      usage: { promptTokens: 20, completionTokens: 5, cachedTokens: 0 },
      ttftMs: totalMs / 3,
      totalMs,
      gapMsMax: 5,
      pieces: 3,
    });
  };
}

/** Each request takes a time of its own: how an engine gets slower under load is the bench of the load gate. */
function shoots(clock: VirtualClock, random: Random, planted: Tried | null): Shoot {
  const medianMs = planted === "load" ? PLANTED.medianMs : TOLD.medianMs;
  return async ({ schedule }) => {
    const shots = schedule.map(({ step, dueMs }): Shot => {
      const hasFailed = random.next() < TOLD.failed;
      const tookMs = logNormal(random, medianMs, TOLD.spread);
      return {
        step,
        dueMs,
        lagMs: 0,
        sentMs: dueMs,
        firstMs: hasFailed ? null : dueMs + tookMs / 3,
        lastMs: hasFailed ? null : dueMs + tookMs,
        firstLateMs: 0,
        lastLateMs: 0,
        failure: hasFailed ? "status" : null,
        status: hasFailed ? 503 : 200,
        usage: null,
        chunks: 3,
        stallMs: 10,
        inFlight: 1,
      };
    });
    const endMs = clock.mono() + (schedule.at(-1)?.dueMs ?? 0);
    const settling = { pending: () => true, settle: async () => await undefined, roundsMax: 4 };
    await clock.runAsync(endMs, settling);
    return shots;
  };
}

/** With garbage that comes and goes. */
function memoryText(atMs: number, random: Random, planted: Tried | null): string {
  const grown = planted === "soak" ? (PLANTED.memoryMiBPerHour * atMs) / HOUR_MS : 0;
  const bytes = (MEMORY_MIB + grown + 200 * random.next()) * 2 ** 20;
  return `process_resident_memory_bytes ${Math.round(bytes)}\n`;
}
