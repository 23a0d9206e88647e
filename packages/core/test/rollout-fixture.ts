// A rollout and its evidence, made by hand: small policies with round numbers for the tests of core's rules.
import {
  type EvidenceRow,
  emptyRow,
  NO_CONTROLS,
  type Phase,
  type Policy,
  type Rollout,
  record,
  type SequentialGuard,
  type Tick,
  WHOLE_AUDIENCE,
} from "@slipway/core";

const TICK_MS = 10_000;

/** As the default policy judges errors and latency. */
export const ERRORS: SequentialGuard = {
  id: "errors",
  test: "sequential",
  segment: null,
  weight: 1,
  metric: { kind: "events", event: "errors" },
  comparison: { kind: "ratio", ratioMax: 1, differenceMin: 0.005 },
  action: "roll-back",
  windowMs: 300_000,
};
export const LATENCY: SequentialGuard = {
  ...ERRORS,
  id: "p99",
  metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
  comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
};

export const POLICY: Policy = {
  stages: [
    { percent: 5, holdMs: 60_000, minRequests: 100 },
    { percent: 25, holdMs: 60_000, minRequests: 100 },
    { percent: 100, holdMs: 60_000, minRequests: 100 },
  ],
  stageLimitMs: 14_400_000,
  falseAlarmMax: 0.01,
  bakeMs: 120_000,
  warmMs: 3_600_000,
  guards: [
    {
      id: "p99-latency",
      test: "threshold",
      segment: null,
      metric: { kind: "latency", time: "total", quantile: 0.99, byLength: false },
      comparison: { kind: "ratio", ratioMax: 2, differenceMin: 0 },
      windowMs: 60_000,
      minRequests: 100,
      action: "roll-back",
    },
    {
      id: "errors",
      test: "threshold",
      segment: null,
      metric: { kind: "events", event: "errors" },
      comparison: { kind: "difference", differenceMax: 0.02 },
      windowMs: 60_000,
      minRequests: 100,
      action: "roll-back",
    },
  ],
  forecast: { enabled: false, unknown: "proceed" },
  shareTolerance: 0.5,
  trends: [],
  representative: "hold",
  keys: { header: null, apiKeyIsUser: false, withoutKey: "stable" },
  audience: WHOLE_AUDIENCE,
  evidence: { tickMs: TICK_MS, horizonMs: 30_000, segments: [] },
  replay: { enabled: true, budget: 0.2 },
  trip: { enabled: true, failures: 10 },
  answers: { sample: 0, redact: [], bytesMax: 268_435_456, ageMsMax: 604_800_000 },
  lease: { durationMs: 60_000, onLapse: "stable" },
  priority: { header: null, background: [], otherwise: "interactive" },
  deadlineMs: 600_000,
};

export function rolloutIn(phase: Phase, policy: Partial<Policy> = {}): Rollout {
  return {
    id: "r-1",
    model: "code-assistant",
    from: "gpt-5.0",
    to: "gpt-5.3",
    policy: { ...POLICY, ...policy },
    startedAtMs: 0,
    startedBy: "ann",
    reason: "better at Rust",
    phase,
    table: 1,
    stageTable: 1,
    evidenceFrom: 1,
    drainedMs: null,
    trip: null,
    controls: NO_CONTROLS,
    forecast: null,
    foreseen: [],
    sequence: 3,
  };
}

export type ArmFacts = {
  /** Judged requests in the tick, all at `latencyMs` but for the errors. */
  readonly n: number;
  readonly latencyMs: number;
  readonly errors?: number;
  /** Requests that were refused for a limit. */
  readonly limited?: number;
  /** Requests that never finished within the horizon. */
  readonly overdue?: number;
};

/** One tick in which both arms saw so much. */
export function tickOf(
  tick: number,
  facts: { readonly stable: ArmFacts; readonly candidate: ArmFacts },
  options: { readonly missing?: readonly string[]; readonly table?: number } = {},
): Tick {
  const row = (arm: EvidenceRow["arm"]): EvidenceRow => {
    const { n, latencyMs, errors = 0, limited = 0, overdue = 0 } = facts[arm];
    const made = emptyRow({
      rolloutId: "r-1",
      table: options.table ?? 1,
      tick,
      arm,
      via: "split",
      segment: "all",
    });
    made.arrivals = n;
    made.judged = n;
    const ok = n - errors - limited - overdue;
    made.outcomes = { ok, server_error: errors, rate_limited: limited, overdue };
    made.latency.total.over = overdue;
    for (let i = 0; i < ok; i++) record(made.latency.total, latencyMs);
    return made;
  };
  return {
    rolloutId: "r-1",
    tick,
    endMs: (tick + 1) * TICK_MS,
    missing: options.missing ?? [],
    rows: [row("stable"), row("candidate")],
  };
}
