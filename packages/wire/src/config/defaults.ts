// What a model without a policy gets: chosen so that a team that configures nothing is protected. Written in
// the file's own notation, so that the JSON Schema, the documentation and the reader say the same.

import { LIVE_SCORES, type LiveScorerName } from "@slipway/core";

export const DEFAULT_HOLD = "10m";
export const DEFAULT_STAGE_MIN_REQUESTS = 500;
export const DEFAULT_HOLDBACK = "5%";
export const DEFAULT_BAKE = "1h";
export const DEFAULT_WARM = "24h";
export const DEFAULT_GUARD_WINDOW = "5m";
export const DEFAULT_GUARD_MIN_REQUESTS = 200;
export const DEFAULT_QUANTILE = 0.99;
export const DEFAULT_ERROR_RATIO = 1;
/** Smaller differences break nothing, however certain. */
export const DEFAULT_DIFFERENCES = {
  outcome: "0.5%",
  answer: "0.5%",
  score: "1%",
  opinion: "2%",
} as const;
/** Of the chance of a false alarm: failures and slow answers get nearly all that turns back. */
export const PRIMARY_GUARD_WEIGHT = 10;
export const DEFAULT_GUARD_WEIGHT = 1;
export const DEFAULT_STAGE_LIMIT = "4h";
export const DEFAULT_FALSE_ALARM = "1%";
export const DEFAULT_FORECAST_UNKNOWN = "ask-at-risk";
export const DEFAULT_TICK = "10s";
export const DEFAULT_HORIZON = "60s";
export const DEFAULT_LEASE = "60s";
export const DEFAULT_DEADLINE = "10m";
export const DEFAULT_SHARE_TOLERANCE = "50%";
export const DEFAULT_REPLAY_BUDGET = "20%";
export const DEFAULT_EVIDENCE_AGE = "7d";
export const DEFAULT_ANSWERS_MIB = 256;
export const DEFAULT_ANSWERS_AGE = "7d";
export const DEFAULT_TRIP_FAILURES = 10;
export const DEFAULT_IN_FLIGHT_MAX = 256;

export const DEFAULT_BACKGROUND: string[] = ["background", "batch"];

type StageText = { share: string; hold: string; "min-requests": number };

export const DEFAULT_STAGES: StageText[] = ["5%", "25%", "50%", "100%"].map((share) => ({
  share,
  hold: DEFAULT_HOLD,
  "min-requests": DEFAULT_STAGE_MIN_REQUESTS,
}));

type TrendText = { [name: string]: { metric: string; [limit: string]: string | number } };

export const DEFAULT_UPTIME = "7d";
export const DEFAULT_TREND_RATIO = 2;
export const DEFAULT_MEMORY_MIB = 4096;

export const DEFAULT_TRENDS: TrendText = {
  "client-memory": { metric: "client-memory", "limit-mib": DEFAULT_MEMORY_MIB },
  latency: { metric: "latency", ratio: DEFAULT_TREND_RATIO },
  ttft: { metric: "ttft", ratio: DEFAULT_TREND_RATIO },
};

type GuardText = { [name: string]: { metric: string; [limit: string]: string | number } };

/** How much more tokens or cost is worth a warning. */
const DEFAULT_MEAN_RATIO = 1.2;

/**
 * What breaks for users turns back, what they may like less holds, what is dearer warns. The first two are primary: a
 * stage waits until they pass. The others hold nothing until they break.
 */
export const DEFAULT_GUARDS: GuardText = {
  "p99-latency": { metric: "latency", quantile: DEFAULT_QUANTILE, ratio: 2 },
  errors: {
    metric: "errors",
    ratio: DEFAULT_ERROR_RATIO,
    difference: DEFAULT_DIFFERENCES.outcome,
  },
  "p99-ttft": { metric: "ttft", quantile: DEFAULT_QUANTILE, ratio: 2 },
  crashes: { metric: "crashes" },
  refusals: { metric: "refusals" },
  "empty-answers": { metric: "empty" },
  acceptance: { metric: "acceptance" },
  rating: { metric: "rating" },
  "output-tokens": { metric: "output-tokens", ratio: DEFAULT_MEAN_RATIO },
  cost: { metric: "cost", ratio: DEFAULT_MEAN_RATIO },
};

/** What is scored in answers is guarded too, where the guards are the default ones. */
export const DEFAULT_SCORE_GUARDS: { readonly [scorer in LiveScorerName]: GuardText } = {
  parse: scoreGuard(LIVE_SCORES.parseFailures),
  names: scoreGuard(LIVE_SCORES.unknownNames),
  refusals: scoreGuard(LIVE_SCORES.wordedRefusals),
};

function scoreGuard(score: string): GuardText {
  return { [score]: { metric: "score", score } };
}
