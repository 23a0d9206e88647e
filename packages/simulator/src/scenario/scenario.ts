// A scenario: a model, its users, a stable and a candidate version, what goes wrong and when, and how a rollout ought to
// end. Both kinds of world play it: one request by request, one on counts.
import type { FaultKind } from "../fault.ts";
import type { UsersOptions } from "../population/users.ts";
import type { SimulatedVersion } from "../version.ts";

/** What is behind the trouble, in the words of an analysis of causes. */
export const CAUSES = [
  "none",
  "load-dependent",
  "slow",
  "slow-tail",
  "segment",
  "over-refusal",
  "token-inflation",
  "context-overflow",
  "incompatible",
  "rate-limits",
  "client-side",
  "accumulating",
  "bad-replica",
  "errors",
  "hang",
  "truncation",
  "garbage",
  "quality",
  "shared",
  "who-is-missing",
] as const;
export type ScenarioCause = (typeof CAUSES)[number];

/**
 * `stopped`: rolled back, or held from going on, before half of the users are on the candidate. `rolled-back`:
 * by itself, at whatever stage: for harm that begins later. `completed`: reaches everybody by itself. `held`: neither
 * promoted nor rolled back without a person.
 */
export const ENDINGS = ["stopped", "rolled-back", "completed", "held"] as const;
export type Ending = (typeof ENDINGS)[number];

/** How the rate of requests changes: not at all, in bursts of minutes, or over the day. */
export const SHAPES = ["steady", "bursty", "daily"] as const;
type TrafficShape = (typeof SHAPES)[number];

/** A rate that was recorded, as multiples of its mean, in steps. Begins again when it is over. */
export type RecordedRate = { readonly stepMs: number; readonly factors: readonly number[] };

export type ScenarioTraffic = {
  /** On average. */
  readonly perMinute: number;
  readonly shape: TrafficShape;
  /** Counts instead of the shape where there is one. */
  readonly recorded: RecordedRate | null;
  /** How long the world lasts. */
  readonly hours: number;
  readonly users: UsersOptions;
  /** Share of all requests that one user sends; 0 for none that stands out. */
  readonly heaviestShare: number;
  /** How often a client sends a request again that was refused for a rate limit. */
  readonly retries: number;
  /** Share of requests that carry a parameter which a version may reject. */
  readonly parameterShare: number;
  /** Whose requests name no user and stay on stable until everybody is on the candidate: a language; null for none. */
  readonly keyless: string | null;
  /** One user in so many has all the failures that hit users by their work; 1: failures hit everybody alike. */
  readonly troubledOneIn: number;
};

type Where = "stable" | "candidate" | "both";

/** A fault, on which version, in which language, and when. */
export type ScenarioFault = Spell & {
  readonly on: Where;
  /** Null for all languages. */
  readonly language: string | null;
  /** Strikes what this replica serves alone, counted from 0; null for all of them. */
  readonly replica: number | null;
  readonly fault: FaultKind;
};

/**
 * What goes wrong beside the versions. `evidence-lost`: no gateway reports. `half-cut-off`: half of the gateways do not
 * hear from the controller, nor it from them; they serve stable once their leases have lapsed. `controller-down`:
 * nobody decides.
 */
export const OUTAGES = ["evidence-lost", "half-cut-off", "controller-down"] as const;
export type OutageKind = (typeof OUTAGES)[number];

/** Times count from the start of the rollout. */
export type Spell = {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Begins again after so long; null for once. */
  readonly everyMs: number | null;
};

export type Outage = Spell & { readonly kind: OutageKind };

export type Scenario = {
  /** The file's name without its ending. */
  readonly name: string;
  readonly about: string;
  readonly cause: ScenarioCause;
  readonly expect: Ending;
  readonly traffic: ScenarioTraffic;
  readonly stable: SimulatedVersion;
  readonly candidate: SimulatedVersion;
  readonly faults: readonly ScenarioFault[];
  readonly outages: readonly Outage[];
  /** What comes back from users; null for nothing. */
  readonly feedback: ScenarioFeedback | null;
};

/** What users and their clients say of an arm. */
export type ArmFeedback = {
  /** Share of answers that are accepted. */
  readonly acceptance: number;
  /** Client memory in MiB at the start, and how much an hour on this version adds. */
  readonly memoryMib: number;
  readonly memoryMibPerHour: number;
  /** Crashes per report. */
  readonly crashRate: number;
};

export type ScenarioFeedback = {
  /** Share of answers that are spoken of. */
  readonly share: number;
  /** On average, until it comes. */
  readonly delayMs: number;
  readonly stable: ArmFeedback;
  readonly candidate: ArmFeedback;
};

/** Who sends a scenario's requests, with the one who stands out. */
export function usersOf({ users, heaviestShare }: ScenarioTraffic): UsersOptions {
  return heaviestShare === 0 ? users : { ...users, heaviestShare };
}

export function isDuring({ fromMs, untilMs, everyMs }: Spell, atMs: number): boolean {
  if (atMs < fromMs) return false;
  const sinceMs = everyMs === null ? atMs - fromMs : (atMs - fromMs) % everyMs;
  return sinceMs < untilMs - fromMs;
}
