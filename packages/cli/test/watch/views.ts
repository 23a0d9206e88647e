// Hand-made views of every phase, for golden pictures of `rollout watch`.

import type { Because, Phase, Policy, Requirement, RolloutEvent, Verdict } from "@slipway/core";
import { NO_CONTROLS, NO_STAGE_COUNTS, WHOLE_AUDIENCE } from "@slipway/core";
import type { JournalEntry, RolloutView } from "@slipway/wire";

export const START_MS: number = Date.UTC(2026, 0, 15, 9, 0, 0);
const MINUTE_MS = 60_000;

const policy: Policy = {
  stages: [5, 25, 50, 100].map((percent) => ({ percent, holdMs: 600_000, minRequests: 500 })),
  stageLimitMs: 14_400_000,
  falseAlarmMax: 0.01,
  bakeMs: 3_600_000,
  warmMs: 86_400_000,
  guards: [
    {
      id: "p99-latency",
      test: "threshold",
      segment: null,
      metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
      comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
      action: "roll-back",
      windowMs: 300_000,
      minRequests: 200,
    },
    {
      id: "errors",
      test: "threshold",
      segment: null,
      metric: { kind: "events", event: "errors" },
      comparison: { kind: "difference", differenceMax: 0.02 },
      action: "roll-back",
      windowMs: 300_000,
      minRequests: 200,
    },
  ],
  forecast: { enabled: false, unknown: "proceed" },
  shareTolerance: 0.5,
  trends: [],
  representative: "hold",
  keys: { header: "x-user-id", apiKeyIsUser: false, withoutKey: "stable" },
  audience: WHOLE_AUDIENCE,
  evidence: { tickMs: 10_000, horizonMs: 60_000, segments: [] },
  replay: { enabled: true, budget: 0.2 },
  trip: { enabled: true, failures: 10 },
  answers: { sample: 0, redact: [], bytesMax: 268_435_456, ageMsMax: 604_800_000 },
  lease: { durationMs: 60_000, onLapse: "stable" },
  priority: { header: null, background: [], otherwise: "interactive" },
  deadlineMs: 600_000,
};

function latency(measured: number | null, status: Verdict["status"], over = false): Verdict {
  const value = measured === null ? null : measured * 1_180;
  return {
    guard: "p99-latency",
    unit: "ms",
    comparison: "ratio",
    action: "roll-back",
    holds: true,
    status,
    measured,
    limit: 2,
    candidate: { value, over, n: status === "wait" ? 120 : 812 },
    stable: { value: 1_180, over: false, n: 2_411 },
    baseline: "concurrent",
    interval: null,
    text:
      status === "wait"
        ? "120 of 200 candidate requests"
        : `P99 latency 4.9 s is ${measured}x stable's 1.18 s (limit 2x, 812 and 2411 requests)`,
  };
}

function errors(measured: number, status: Verdict["status"]): Verdict {
  return {
    guard: "errors",
    unit: "share",
    comparison: "difference",
    action: "roll-back",
    holds: true,
    status,
    measured,
    limit: 0.02,
    candidate: { value: 0.001 + measured, over: false, n: 815 },
    stable: { value: 0.001, over: false, n: 2_420 },
    baseline: "concurrent",
    interval: null,
    text: "error rate 0.22% against stable's 0.1% (limit +2%, 815 and 2420 requests)",
  };
}

function requirement(code: Requirement["code"], progress: number, text: string): Requirement {
  return { code, met: progress >= 1, progress, text };
}

const holding: readonly Requirement[] = [
  requirement("confirmed", 1, "every gateway has confirmed this stage"),
  requirement("hold", 0.42, "held 4.2 min of 10 min"),
  requirement("requests", 1, "812 of 500 candidate requests judged"),
  requirement("fresh", 1, "newest mature evidence is 12 s old (at most 1.5 min)"),
  requirement("share", 1, "candidate gets 24.1% of requests, the stage says 25%"),
  requirement("guard", 1, "p99-latency: fine"),
];

const look = { watermark: 12, stateHash: "0".repeat(64), verdicts: [] };

type Told = { readonly minute: number; readonly event: Record<string, unknown> };

function journal(told: readonly Told[]): readonly JournalEntry[] {
  return told.map(({ minute, event }, index) => ({
    rolloutId: "r-4f7a2c",
    sequence: index + 1,
    event: { atMs: START_MS + minute * MINUTE_MS, ...event } as RolloutEvent,
    hash: "0".repeat(64),
  }));
}

function moved(minute: number, move: object, text: string): Told {
  const code = text.includes("(limit") ? "guard" : "requirements";
  return {
    minute,
    event: {
      type: "moved",
      move,
      cause: { kind: "evidence", because: { code, text } },
      table: 4,
      look: null,
    },
  };
}

function commanded(minute: number, move: object, text: string): Told {
  const cause = { kind: "operator", by: "ann", command: "x", because: { code: "operator", text } };
  return { minute, event: { type: "moved", move, cause, table: 5, look: null } };
}

const started: Told = {
  minute: 0,
  event: {
    type: "started",
    table: 2,
    rollout: {
      id: "r-4f7a2c",
      model: "code-assistant",
      from: "gpt-5.0",
      to: "gpt-5.3",
      policy,
      startedBy: "ann",
      reason: "newer model, better TypeScript",
    },
  },
};

const climbing: readonly Told[] = [
  started,
  moved(0.01, { kind: "advance", stage: 0 }, "the policy names no gates"),
  { minute: 0.04, event: { type: "confirmed", table: 3, members: 4, expired: [], confirmMs: 812 } },
  {
    minute: 2,
    event: { type: "looked", because: { code: "hold", text: "held 2 min of 10 min" }, look },
  },
  moved(10.2, { kind: "advance", stage: 1 }, "held 10 min of 10 min; 512 of 500 requests judged"),
  {
    minute: 10.22,
    event: { type: "confirmed", table: 4, members: 4, expired: [], confirmMs: 640 },
  },
];

function because(code: string, text: string): Because {
  return { code, text };
}

export const base: RolloutView = {
  id: "r-4f7a2c",
  model: "code-assistant",
  from: "gpt-5.0",
  to: "gpt-5.3",
  startedAtMs: START_MS,
  startedBy: "ann",
  reason: "newer model, better TypeScript",
  phase: {
    kind: "stage",
    stage: 1,
    sinceMs: START_MS + 10.2 * MINUTE_MS,
    confirmedAtMs: START_MS + 10.22 * MINUTE_MS,
  },
  sequence: 6,
  table: 4,
  policy,
  controls: NO_CONTROLS,
  candidatePercent: 25,
  decision: { kind: "hold", because: because("hold", "held 4.2 min of 10 min") },
  pages: [],
  requirements: holding,
  verdicts: [latency(1.42, "pass"), errors(0.0012, "pass")],
  trends: [],
  split: null,
  representation: null,
  arms: {
    stable: {
      arm: "stable",
      version: "gpt-5.0",
      requestsPerSecond: 12.13,
      counted: 2_420,
      bad: 2,
      p50Ms: 412,
      p99Ms: 1_180,
      ttftP99Ms: 310,
    },
    candidate: {
      arm: "candidate",
      version: "gpt-5.3",
      requestsPerSecond: 4.01,
      counted: 815,
      bad: 2,
      p50Ms: 431,
      p99Ms: 1_676,
      ttftP99Ms: 402,
    },
  },
  stage: NO_STAGE_COUNTS,
  totals: {
    stable: {
      arrivals: 10_412,
      bad: 9,
      spared: 0,
      users: 1_204,
      usersError: 0.02,
      feedback: null,
      slices: {},
      segments: {},
    },
    candidate: {
      arrivals: 1_390,
      bad: 4,
      spared: 4,
      users: 301,
      usersError: 0.03,
      feedback: null,
      slices: {},
      segments: {},
    },
  },
  gateways: { of: 4, confirmed: 4, expired: [] },
  drainedMs: null,
  forecast: null,
  lateRequests: 0,
  recent: journal(climbing),
};

function view(phase: Phase, more: Partial<RolloutView>): RolloutView {
  return { ...base, phase, requirements: [], ...more };
}

const broke = "P99 latency 4.9 s is 4.15x stable's 1.18 s (limit 2x, 812 and 2411 requests)";
const later = START_MS + 17 * MINUTE_MS;
const fallen: readonly Told[] = [...climbing, moved(15.1, { kind: "roll-back" }, broke)];
const rolledBack: readonly Told[] = [
  ...fallen,
  {
    minute: 15.12,
    event: { type: "confirmed", table: 5, members: 4, expired: [], confirmMs: 905 },
  },
  { minute: 15.2, event: { type: "drained", drainedMs: 5_200 } },
];

export const views: { readonly [name: string]: RolloutView } = {
  preflight: view(
    { kind: "preflight", sinceMs: START_MS },
    {
      decision: { kind: "hold", because: because("preflight", "the policy names no gates") },
      verdicts: [],
      candidatePercent: 0,
      gateways: { of: 0, confirmed: 0, expired: [] },
      recent: journal([started]),
    },
  ),
  "stage-confirming": view(
    { kind: "stage", stage: 0, sinceMs: START_MS, confirmedAtMs: null },
    {
      requirements: [
        requirement("confirmed", 0, "waiting for every gateway to confirm this stage"),
        requirement("hold", 0, "held 0 ms of 10 min"),
        requirement("requests", 0.24, "120 of 500 candidate requests judged"),
        requirement("fresh", 0, "no mature evidence yet"),
        requirement("share", 0, "too few requests to tell the actual share"),
      ],
      verdicts: [latency(null, "wait"), errors(0.0004, "pass")],
      decision: {
        kind: "hold",
        because: because("confirmed", "waiting for every gateway to confirm this stage"),
      },
      gateways: { of: 4, confirmed: 2, expired: ["edge-3/1"] },
      recent: journal(climbing.slice(0, 2)),
    },
  ),
  stage: base,
  paused: view(
    { kind: "paused", at: 1, sinceMs: later },
    {
      decision: { kind: "hold", because: because("paused", "paused until an operator resumes it") },
      recent: journal([...climbing, commanded(14, { kind: "pause" }, "waiting for the weekend")]),
    },
  ),
  "stepping-back": view(
    { kind: "stepping-back", stage: 0, sinceMs: later },
    {
      decision: {
        kind: "hold",
        because: because("stepping-back", "waiting for every gateway to confirm the step back"),
      },
      gateways: { of: 4, confirmed: 3, expired: [] },
      recent: journal([...climbing, moved(15, { kind: "step-back", stage: 0 }, broke)]),
    },
  ),
  "rolling-back": view(
    { kind: "rolling-back", from: 1, sinceMs: later },
    {
      decision: {
        kind: "hold",
        because: because("rolling-back", "waiting for every gateway to confirm the rollback"),
      },
      verdicts: [latency(4.15, "fail"), errors(-0.0005, "pass")],
      gateways: { of: 4, confirmed: 1, expired: [] },
      recent: journal(fallen),
    },
  ),
  "rolled-back": view(
    { kind: "rolled-back", from: 1, sinceMs: later, confirmMs: 905, expired: [] },
    {
      decision: { kind: "hold", because: because("finished", "the rollout is rolled-back") },
      verdicts: [latency(null, "fail", true), errors(0.031, "fail")],
      drainedMs: 5_200,
      recent: journal(rolledBack),
    },
  ),
  bake: view(
    { kind: "bake", sinceMs: later, confirmedAtMs: later },
    {
      requirements: [
        requirement("confirmed", 1, "every gateway has confirmed this stage"),
        requirement("hold", 0.25, "held 15 min of 1 h"),
        requirement("requests", 1, "4100 of 0 candidate requests judged"),
      ],
      verdicts: [
        { ...latency(1.88, "pass"), baseline: "kept" },
        { ...errors(0.0012, "pass"), baseline: "kept" },
      ],
      decision: { kind: "hold", because: because("hold", "held 15 min of 1 h") },
      recent: journal([...climbing, moved(16, { kind: "bake" }, "held 10 min of 10 min")]),
    },
  ),
  completed: view(
    { kind: "completed", sinceMs: later, warmUntilMs: later + 86_400_000 },
    {
      decision: { kind: "hold", because: because("finished", "the rollout is completed") },
      recent: journal([...climbing, moved(16.5, { kind: "complete" }, "held 1 h of 1 h")]),
    },
  ),
};
