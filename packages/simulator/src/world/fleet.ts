// The model servers of a world, and the model as its configuration says it: two versions with an upstream each, and
// a policy short enough for a rollout to go its whole way within a minute of virtual time.

import type { Digest } from "@slipway/controller";
import {
  type Clock,
  createRandom,
  fingerprintText,
  type LeasePolicy,
  type Policy,
  type Version,
  WHOLE_AUDIENCE,
} from "@slipway/core";
import type { ModelDocument } from "@slipway/wire";
import { EnginePool } from "../engine/pool.ts";
import { presets } from "../presets.ts";
import { ModelServer } from "../server/model-server.ts";
import type { SimulatedVersion } from "../version.ts";

export const MODEL = "code-assistant";
export const FIRST_STABLE = "v1";
export const FIRST_CANDIDATE = "v2";

/** What the second version is like. */
/** `hungry`: it runs on stable's own machines, and its prompts are eight times as long. */
export type CandidateKind = "healthy" | "slow-under-load" | "failing" | "hungry";

export const URLS: { readonly [version: string]: string } = {
  v1: "http://v1.test/v1",
  v2: "http://v2.test/v1",
};

const good: SimulatedVersion = {
  ...presets["gpt-5.0"],
  model: "v1",
  replicas: 2,
  engine: { ...presets["gpt-5.0"].engine, tokensPerStep: 4, perPrefillTokenMs: 0.005 },
};

/** One replica that spends its time on prompts: both versions together may have more of them than it can read. */
const shared: SimulatedVersion = {
  ...good,
  replicas: 1,
  engine: { ...good.engine, perPrefillTokenMs: 0.033, waitingMax: 4_000 },
};

const CANDIDATES: { readonly [kind in CandidateKind]: SimulatedVersion } = {
  healthy: { ...good, model: "v2" },
  // One request at a time: it keeps up with a fifth of the users, and not with half of them.
  "slow-under-load": {
    ...good,
    model: "v2",
    replicas: 1,
    engine: { ...good.engine, sequencesMax: 1, baseMs: 17 },
  },
  hungry: { ...shared, model: "v2", charactersPerToken: 0.5 },
  failing: { ...good, model: "v2", faults: [{ kind: "errors", rate: 0.3, status: 500 }] },
};

export type Fleet = { readonly stable: ModelServer; readonly candidate: ModelServer };

export function fleetOf(clock: Clock, seed: number, kind: CandidateKind): Fleet {
  const stable = sharesPool(kind) ? shared : good;
  const engines = new EnginePool(clock, stable.engine, stable.replicas);
  return {
    stable: new ModelServer({ version: stable, clock, random: createRandom(seed), engines }),
    candidate: new ModelServer({
      version: CANDIDATES[kind],
      clock,
      random: createRandom(seed + 1),
      ...(sharesPool(kind) ? { engines } : {}),
    }),
  };
}

/** Whether both versions are served by the same machines. */
function sharesPool(kind: CandidateKind): boolean {
  return kind === "hungry";
}

const HOLD_MS = 3_000;

export function policyOf(lease: LeasePolicy, horizonMs: number, holdMs: number = HOLD_MS): Policy {
  const guard = {
    test: "threshold" as const,
    action: "roll-back" as const,
    segment: null,
    windowMs: 8_000,
    minRequests: 25,
  };
  return {
    stages: [
      { percent: 20, holdMs, minRequests: 30 },
      { percent: 50, holdMs, minRequests: 60 },
    ],
    stageLimitMs: 60_000,
    falseAlarmMax: 0.01,
    bakeMs: 3_000,
    warmMs: 60_000,
    guards: [
      {
        ...guard,
        id: "p99",
        metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
        comparison: { kind: "ratio", ratioMax: 8, differenceMin: 0 },
      },
      {
        ...guard,
        id: "errors",
        metric: { kind: "events", event: "errors" },
        comparison: { kind: "difference", differenceMax: 0.1 },
      },
    ],
    forecast: { enabled: true, unknown: "proceed" },
    shareTolerance: 0.6,
    trends: [],
    representative: "hold",
    keys: { header: null, apiKeyIsUser: false, withoutKey: "stable" },
    // Checkers tell where a request belongs from its key alone.
    audience: { ...WHOLE_AUDIENCE, conversations: "move" },
    evidence: { tickMs: 1_000, horizonMs, segments: [] },
    replay: { enabled: true, budget: 0.2 },
    trip: { enabled: true, failures: 10 },
    answers: { sample: 0, redact: [], bytesMax: 268_435_456, ageMsMax: 604_800_000 },
    lease,
    priority: { header: null, background: [], otherwise: "interactive" },
    deadlineMs: 8_000,
  };
}

export function documentOf(policy: Policy, digest: Digest, kind: CandidateKind): ModelDocument {
  const versions = [FIRST_STABLE, FIRST_CANDIDATE].map((id) =>
    versionOf(id, sharesPool(kind) ? "machines" : id, digest),
  );
  return { name: MODEL, stable: FIRST_STABLE, versions, policy };
}

function versionOf(id: string, pool: string, digest: Digest): Version {
  const url = URLS[id] ?? "";
  const upstreams = [
    // More than ever run at once: a queue in the gateway would hide who was assigned where.
    {
      id: `${id}-upstream`,
      url,
      model: id,
      keyEnv: null,
      pool,
      inFlightMax: 10_000,
      concurrency: "fixed" as const,
    },
  ];
  const version = { id, upstreams, identity: {} };
  return { ...version, fingerprint: digest(fingerprintText(version)) };
}
