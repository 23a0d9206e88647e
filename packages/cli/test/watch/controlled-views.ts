// Hand-made views of rollouts that somebody, or the calendar, holds back, for golden pictures of `rollout watch`.

import { type Because, NO_CONTROLS, type RolloutEvent } from "@slipway/core";
import type { RolloutView } from "@slipway/wire";
import { START_MS } from "./views.ts";

const said = { atMs: START_MS, by: "ann", reason: "to see what it would do" };

const weekend = {
  key: "all/weekend@0",
  name: "weekend",
  reason: "nobody is there",
  by: null,
  sinceMs: START_MS,
  untilMs: Date.UTC(2026, 0, 19, 7),
};

const met = "held 10 min of 10 min, 812 candidate requests judged";

function because(code: string, text: string): Because {
  return { code, text };
}

function withEvents(base: RolloutView, events: readonly RolloutEvent[]): RolloutView["recent"] {
  const last = base.recent.length;
  const added = events.map((event, index) => ({
    rolloutId: base.id,
    sequence: last + index + 1,
    event,
    hash: "0".repeat(64),
  }));
  return [...base.recent, ...added];
}

export function controlledViews(base: RolloutView): { readonly [name: string]: RolloutView } {
  const approval =
    "50% needs 2 approvals of bob or eve (1 of 2 given, by bob): slipway rollout approve r-4f7a2c --reason TEXT";
  const held = { met: true, progress: 1, code: "hold" as const, text: "held 10 min of 10 min" };
  const asked = { met: false, progress: 0.5, code: "approval" as const, text: approval };
  const would = because("would-advance", `would advance to 50%: ${met}`);
  const look = { watermark: 12, stateHash: "0".repeat(64), verdicts: [] };
  return {
    approval: {
      ...base,
      requirements: [held, asked],
      decision: { kind: "hold", because: because("approval", approval) },
      controls: { ...NO_CONTROLS, approvals: [{ ...said, by: "bob" }] },
      recent: withEvents(base, [{ type: "approved", stage: 2, ...said, by: "bob" }]),
    },
    frozen: {
      ...base,
      requirements: [held],
      decision: {
        kind: "hold",
        because: because("frozen", `frozen by weekend; it would advance to 50%: ${met}`),
      },
      controls: { ...NO_CONTROLS, freezes: [{ ...weekend, overridden: null }] },
      recent: withEvents(base, [
        { type: "froze", atMs: START_MS + 720_000, freeze: weekend },
        { type: "looked", atMs: START_MS + 840_000, because: because("frozen", "frozen"), look },
      ]),
    },
    overridden: {
      ...base,
      controls: { ...NO_CONTROLS, freezes: [{ ...weekend, overridden: said }] },
      recent: withEvents(base, [{ type: "overrode", ...said, atMs: START_MS + 720_000 }]),
    },
    observing: {
      ...base,
      requirements: [held],
      decision: { kind: "hold", because: would },
      controls: { ...NO_CONTROLS, observing: said },
      recent: withEvents(base, [
        { type: "observed", on: true, ...said, atMs: START_MS + 720_000 },
        { type: "looked", atMs: START_MS + 840_000, because: would, look },
      ]),
    },
  };
}
