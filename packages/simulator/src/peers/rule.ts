// A decision rule of another tool, re-implemented from its documented behaviour so that it can be held against
// Slipway's in the same world. It sees what such a tool's metrics provider shows: one minute of both arms at a time.
import type { Histogram } from "@slipway/core";

/** One arm in one minute. A failed request has no latency. */
export type ArmMinute = {
  readonly requests: number;
  readonly failures: number;
  /** Of whole answers, in milliseconds. */
  readonly latency: Histogram;
};

export type Minute = {
  readonly candidate: ArmMinute;
  readonly stable: ArmMinute;
};

/**
 * What a rule makes of a minute: stay, go to the next stage (past the last one: promoted), go back to stable for good,
 * or stop and leave it to a person.
 */
export type Saying = "hold" | "advance" | "roll-back" | "pause";

/** One rollout under a rule. Called once a minute, with the stage (an index) that the minute was spent in. */
export type RuleRun = (minute: Minute, stage: number) => Saying;

export type Rule = {
  readonly name: string;
  /** The settings that it has here, in words. */
  readonly settings: string;
  readonly begin: () => RuleRun;
};

/** What the rules that know fixed limits only are told of the model: how it was before the rollout. */
export type Baseline = {
  /** Share of requests that fail. */
  readonly errorRate: number;
  readonly p99Ms: number;
};
