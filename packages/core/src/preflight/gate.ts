// A gate: what must hold before the first user. What every gate answers with, and how the answers of several combine.

import type { Json } from "../canonical-json.ts";

/** In the order in which they run: what is quick and tells much comes first. */
export const GATES = [
  "command",
  "prompts",
  "drift",
  "benchmark",
  "shadow",
  "load",
  "capacity",
  "drill",
  "plan",
  "soak",
] as const;
export type GateName = (typeof GATES)[number];

/**
 * `inconclusive`: it could not tell, since it had no data, or broke; that is never a pass. `not-applicable`: there is
 * nothing here that it could be asked about.
 */
export const GATE_OUTCOMES = ["pass", "fail", "inconclusive", "not-applicable"] as const;
export type GateOutcome = (typeof GATE_OUTCOMES)[number];

/** One number that a gate measured, with its limit where it has one. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  /** As a report writes it: ms, tokens, %, s; a share of one is "share". Empty for a plain number. */
  readonly unit: string;
  /** Where the true value lies, at the confidence that the gate states; null where nobody says. */
  readonly interval: readonly [low: number, high: number] | null;
  /** What it is held against; null where it only informs. */
  readonly limit: number | null;
  /** Whether it surely keeps to its limit, or surely does not; null where there is none, or neither is sure. */
  readonly holds: boolean | null;
  /** What it is of: a tag, a prompt, a segment; null for all. */
  readonly of: string | null;
};

/** As a figure's `holds` has it, of what lies between two values and may not be above a limit. */
export function surelyWithin(
  { low, high }: { readonly low: number; readonly high: number },
  limit: number,
): boolean | null {
  if (high <= limit) return true;
  return low > limit ? false : null;
}

export type GateResult = {
  readonly gate: GateName;
  readonly outcome: GateOutcome;
  /** One sentence, with the number that decided. */
  readonly because: string;
  readonly figures: readonly Figure[];
  /** What the gate alone knows how to read, for reports and machines. */
  readonly details: Json;
  /** Of each lesson in force that the gate looks after; none where absent. */
  readonly lessons?: readonly LessonFinding[];
};

/** Whether a candidate keeps what an earlier incident taught. */
export type LessonFinding = {
  /** The incident's id and the lesson's name. */
  readonly id: string;
  /** Null where it could not be told. */
  readonly holds: boolean | null;
  /** One sentence, with what was asked and what came. */
  readonly because: string;
};

/** Of a preflight as a whole. Nothing that ran, or nothing that applied, shows nothing. */
export type PreflightOutcome = Exclude<GateOutcome, "not-applicable">;

export function preflightOutcome(
  results: readonly Pick<GateResult, "outcome">[],
): PreflightOutcome {
  const has = (outcome: GateOutcome): boolean =>
    results.some((result) => result.outcome === outcome);
  if (has("fail")) return "fail";
  return has("inconclusive") || !has("pass") ? "inconclusive" : "pass";
}
