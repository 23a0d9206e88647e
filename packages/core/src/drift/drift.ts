// A watch for drift: whether what answers under an unchanged name still answers as it did. The same probes are asked now and
// then, and what comes back is held against what was remembered. Texts are compared by their hashes, and never kept.

/** One question of a watch, as a line of a file of prompts has it. */
export type DriftProbe = { readonly id: string; readonly line: string };

/** How a model is watched, as slipway.yaml says. */
export type DriftOrder = {
  /** Cron expression, by the controller's time zone; null for when somebody asks. */
  readonly schedule: string | null;
  /** Those that are watched by schedule; none for the one that is stable. */
  readonly versions: readonly string[];
  readonly probes: readonly DriftProbe[];
  /** For each answer. */
  readonly timeoutMs: number;
  /** Chance that a version that has not changed is ever said to have, until its baseline is taken anew. */
  readonly falseAlarmMax: number;
  /** How much less often than it agreed with itself a version may agree with its baseline, and still count as unchanged. */
  readonly margin: number;
};

/** By what an answer is like what is known, or is not. */
export const DRIFT_SIGNALS = ["text", "length", "ending"] as const;
export type DriftSignal = (typeof DRIFT_SIGNALS)[number];

/** One probe's answer. One that did not come is none. */
export type ProbeAnswer = {
  readonly probe: string;
  /** Hash of all that it says. */
  readonly text: string;
  /** How it ended: fine, refused, truncated, malformed, rejected, … */
  readonly ending: string;
  /** As the server counts; null where it does not. */
  readonly tokens: number | null;
};

/** Every probe, asked once. */
export type DriftRound = {
  readonly asked: number;
  readonly answers: readonly ProbeAnswer[];
  /** What the server says that it is, in `model`: each name once. */
  readonly models: readonly string[];
  /** And in `system_fingerprint`. */
  readonly backends: readonly string[];
};

/** What is known of one probe. */
export type KnownProbe = {
  readonly probe: string;
  readonly texts: readonly string[];
  readonly endings: readonly string[];
  readonly tokensMin: number | null;
  readonly tokensMax: number | null;
};

/** The yardstick: how often a version agreed with itself, and how seldom it may agree and still count as unchanged. */
export type Agreement = { readonly alike: number; readonly of: number; readonly floor: number };

export type DriftBaseline = {
  /** Counts from 1, for each version: what is held against an older one says nothing of this. */
  readonly number: number;
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
  /** Hash of the probes that it is of. */
  readonly probes: string;
  readonly known: readonly KnownProbe[];
  readonly agreement: { readonly [signal in DriftSignal]: Agreement };
  readonly models: readonly string[];
  readonly backends: readonly string[];
  readonly falseAlarmMax: number;
};

/** What one look found. */
export type DriftLook = {
  readonly atMs: number;
  readonly by: string;
  readonly asked: number;
  readonly answered: number;
  /** Answers that are like what is known. */
  readonly alike: { readonly [signal in DriftSignal]: number };
  readonly models: readonly string[];
  /** Backends that the baseline has not seen: told, and no alarm by themselves. */
  readonly newBackends: readonly string[];
  /** Whether it was counted: too few answers say nothing. */
  readonly counted: boolean;
};

export type DriftAlarm = { readonly atMs: number; readonly because: string };

/** One version under watch. */
export type DriftWatch = {
  readonly version: string;
  readonly fingerprint: string;
  readonly baseline: DriftBaseline;
  /** Looks that were counted since. */
  readonly looks: number;
  /** For each signal, logs of what was bet on each size of a change has become. */
  readonly stakes: { readonly [signal in DriftSignal]: readonly number[] };
  /** Evidence that it has changed, as a log; alarm at the log of two over the chance of a false one. */
  readonly logE: number;
  readonly last: DriftLook | null;
  readonly alarm: DriftAlarm | null;
};

/** What happened to a watch, for whoever looks later. */
export type DriftEntry = {
  readonly kind: "baseline" | "alarm";
  readonly version: string;
  readonly fingerprint: string;
  readonly atMs: number;
  /** Who took the baseline, or whose look raised the alarm. */
  readonly by: string;
  /** Why the baseline was taken, or what the alarm rests on. */
  readonly text: string;
};

/** Of a model: what is watched, and what was. */
export type DriftBook = {
  readonly watches: readonly DriftWatch[];
  /** The oldest first. */
  readonly entries: readonly DriftEntry[];
};

export const EMPTY_DRIFT_BOOK: DriftBook = { watches: [], entries: [] };
