// A mirror: copies of real requests to a version whose answers nobody sees, and what is counted of them. None of it is
// evidence of a rollout.

import { OUTCOMES, type Outcome } from "./evidence/row.ts";
import { emptyHistogram, type Histogram, mergeInto } from "./histogram.ts";
import type { Version } from "./model.ts";

/** What an operator orders. */
export type MirrorOrder = {
  readonly id: string;
  /** Id of the version that gets the copies. */
  readonly to: string;
  /** Share of the eligible requests that are copied, in (0, 1]. */
  readonly share: number;
  /** Copies of each of them; 1.5 sends every other one twice. */
  readonly copies: number;
  /**
   * Share of the copied requests that stable gets once more too: how far its answers differ among themselves is what those of
   * another version are held against.
   */
  readonly again: number;
  /** Copies open at once, per gateway worker. */
  readonly inFlightMax: number;
  /** Copies a minute, per gateway worker; null for any number. */
  readonly perMinuteMax: number | null;
  /** Whether the gateways keep both answers. */
  readonly keep: boolean;
};

/** As a gateway follows it. */
export type Mirror = Omit<MirrorOrder, "to"> & { readonly to: Version };

/**
 * Why a request cannot be copied. `api`: its path is none whose answers are judged. `side-effects`: done twice it does
 * something twice. `object`: it goes on from an earlier answer. `hosted-tools`: the upstream looks something up for it, and
 * asks money for that. `same-version`: that version answers it anyway.
 */
export const INELIGIBLE = [
  "api",
  "side-effects",
  "object",
  "hosted-tools",
  "same-version",
] as const;
export type Ineligible = (typeof INELIGIBLE)[number];

/**
 * Why a copy was not sent. `busy`: people's requests wait, or the version's slots are wanted. `in-flight`, `per-minute`: the
 * mirror's own limits. `memory`: the bodies kept for copies are too many. `closing`: the worker shuts down.
 */
export const MIRROR_DROPS = ["busy", "in-flight", "per-minute", "memory", "closing"] as const;
export type MirrorDrop = (typeof MIRROR_DROPS)[number];

/** Answers to the same requests, from one side. JSON as it stands. */
export type MirrorSide = {
  outcomes: { [O in Outcome]?: number };
  /** Of answers that are whole. Milliseconds, from when the whole request had been received, or its copy was sent. */
  latency: { total: Histogram; ttft: Histogram };
  tokens: { input: number; cached: number; output: number };
};

/** Sums, so that rows merge in any order. */
export type MirrorRow = {
  readonly mirrorId: string;
  /** Requests of the model. */
  requests: number;
  ineligible: { [why in Ineligible]?: number };
  /** Eligible requests that the sample chose. */
  sampled: number;
  /** Copies that were sent, and those that were not. */
  sent: number;
  dropped: { [why in MirrorDrop]?: number };
  shadow: MirrorSide;
  /** Who answered the users of the requests of which a copy was sent. */
  primary: MirrorSide;
  /** Stable, of those that it was sent once more. */
  again: MirrorSide;
};

export function emptyMirrorRow(mirrorId: string): MirrorRow {
  return {
    mirrorId,
    requests: 0,
    ineligible: {},
    sampled: 0,
    sent: 0,
    dropped: {},
    shadow: emptySide(),
    primary: emptySide(),
    again: emptySide(),
  };
}

function emptySide(): MirrorSide {
  return {
    outcomes: {},
    latency: { total: emptyHistogram(), ttft: emptyHistogram() },
    tokens: { input: 0, cached: 0, output: 0 },
  };
}

/** Adds `source` to `target`; both are of the same mirror. */
export function mergeMirrorRowInto(target: MirrorRow, source: MirrorRow): void {
  target.requests += source.requests;
  target.sampled += source.sampled;
  target.sent += source.sent;
  addCounts(target.ineligible, source.ineligible, INELIGIBLE);
  addCounts(target.dropped, source.dropped, MIRROR_DROPS);
  mergeSideInto(target.shadow, source.shadow);
  mergeSideInto(target.primary, source.primary);
  mergeSideInto(target.again, source.again);
}

function mergeSideInto(target: MirrorSide, source: MirrorSide): void {
  addCounts(target.outcomes, source.outcomes, OUTCOMES);
  mergeInto(target.latency.total, source.latency.total);
  mergeInto(target.latency.ttft, source.latency.ttft);
  target.tokens.input += source.tokens.input;
  target.tokens.cached += source.tokens.cached;
  target.tokens.output += source.tokens.output;
}

function addCounts<K extends string>(
  target: { [key in K]?: number },
  source: { readonly [key in K]?: number },
  keys: readonly K[],
): void {
  for (const key of keys) {
    const count = source[key];
    if (count !== undefined) target[key] = (target[key] ?? 0) + count;
  }
}

/** Requests that could have been copied. */
export function eligibleOf(row: MirrorRow): number {
  return INELIGIBLE.reduce((left, why) => left - (row.ineligible[why] ?? 0), row.requests);
}

/**
 * How many copies of a request are sent: 0 where the sample leaves it out. `chosen` and `rounded` in [0, 1) come from its id,
 * so that all workers agree.
 */
export function copiesOf(
  { share, copies }: Pick<MirrorOrder, "share" | "copies">,
  chosen: number,
  rounded: number,
): number {
  if (chosen >= share) return 0;
  const whole = Math.floor(copies);
  return whole + (rounded < copies - whole ? 1 : 0);
}
