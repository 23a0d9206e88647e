// What a test of a cause answers: how much of the harm it accounts for, how well its own pattern is seen, a sentence with
// the numbers, and the counts behind them; or why it could not be tested.

/** In the order in which equal scores are told: what says why comes before what only says how. */
export const CAUSES = [
  "client-side",
  "over-refusal",
  "input-length",
  "incompatible",
  "rate-limits",
  "who-is-missing",
  "segment",
  "bad-replica",
  "load-dependent",
  "accumulating",
  "token-inflation",
  "shared",
  "hang",
  "truncation",
  "garbage",
  "errors",
  "slow-tail",
  "slow",
  "quality",
  "change",
] as const;
export type CauseName = (typeof CAUSES)[number];

/** A table that a plot can be drawn from. */
export type CauseData = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
};

export type Hypothesis = {
  readonly kind: "tested";
  readonly cause: CauseName;
  /** In [0, 1]: the share, times how clearly the pattern is this cause's own. */
  readonly score: number;
  /** Of the harm, in [0, 1]. */
  readonly share: number;
  readonly text: string;
  readonly data: CauseData;
};

export type Untested = {
  readonly kind: "untested";
  readonly cause: CauseName;
  readonly why: string;
};

export type CauseFinding = Hypothesis | Untested;

/** `fit`: in [0, 1], how clearly the pattern is this cause's own. */
export function tested(
  cause: CauseName,
  {
    share,
    fit,
    text,
    data,
  }: Pick<Hypothesis, "share" | "text" | "data"> & { readonly fit: number },
): Hypothesis {
  const part = clipped(share);
  return { kind: "tested", cause, score: part * clipped(fit), share: part, text, data };
}

export function untested(cause: CauseName, why: string): Untested {
  return { kind: "untested", cause, why };
}

export function clipped(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
}

/**
 * How sure a difference of so many standard errors is, for one of several that were looked at: nothing at two, everything
 * from four on.
 */
export function sureness(z: number): number {
  return clipped((z - 2) / 2);
}
