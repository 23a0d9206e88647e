// What users and their clients said about answers: counted per arm and segment in the tick in which it was heard, since
// it comes minutes or hours after the answer and says nothing about how long that took.

import { emptyHistogram, type Histogram, mergeInto, record } from "../histogram.ts";

export type Rating = "up" | "neutral" | "down";

/** What a client said of its own health. */
export type Health = {
  readonly memoryBytes: number | null;
  readonly crashes: number | null;
  /** Of the editor or extension. */
  readonly version: string | null;
  /** 95 of 100 of its reactions to the user took no longer. */
  readonly uiP95Ms: number | null;
};

/** One piece of feedback about one answer. Null for what it does not say. */
export type Heard = {
  readonly accepted: boolean | null;
  readonly rating: Rating | null;
  readonly reason: string | null;
  readonly health: Health | null;
};

/** Sums over feedback, so that they merge in any order. JSON as it stands. */
export type Feedback = {
  accepted: number;
  rejected: number;
  ratings: { up: number; neutral: number; down: number };
  reasons: { [reason: string]: number };
  health: {
    reports: number;
    crashes: number;
    /** Values in MiB. */
    memory: Histogram;
    uiP95: Histogram;
    versions: { [version: string]: { reports: number; crashes: number } };
  };
};

/** More different reasons, or versions, than this are counted together. */
export const WORDS_MAX = 20;
const OTHER_WORD = "other";
const MIB = 2 ** 20;

export function emptyFeedback(): Feedback {
  return {
    accepted: 0,
    rejected: 0,
    ratings: { up: 0, neutral: 0, down: 0 },
    reasons: {},
    health: {
      reports: 0,
      crashes: 0,
      memory: emptyHistogram(),
      uiP95: emptyHistogram(),
      versions: {},
    },
  };
}

export function addHeard(sum: Feedback, { accepted, rating, reason, health }: Heard): void {
  if (accepted === true) sum.accepted++;
  if (accepted === false) sum.rejected++;
  if (rating !== null) sum.ratings[rating]++;
  if (reason !== null) addReason(sum.reasons, reason, 1);
  if (health === null) return;
  const { memoryBytes, uiP95Ms, version } = health;
  const crashes = health.crashes ?? 0;
  sum.health.reports++;
  sum.health.crashes += crashes;
  if (memoryBytes !== null) record(sum.health.memory, memoryBytes / MIB);
  if (uiP95Ms !== null) record(sum.health.uiP95, uiP95Ms);
  if (version !== null) addVersion(sum.health.versions, version, { reports: 1, crashes });
}

/** Adds `source` to `target`. */
export function mergeFeedbackInto(target: Feedback, source: Feedback): void {
  target.accepted += source.accepted;
  target.rejected += source.rejected;
  target.ratings.up += source.ratings.up;
  target.ratings.neutral += source.ratings.neutral;
  target.ratings.down += source.ratings.down;
  for (const reason of Object.keys(source.reasons).sort()) {
    addReason(target.reasons, reason, source.reasons[reason] ?? 0);
  }
  const { health } = target;
  health.reports += source.health.reports;
  health.crashes += source.health.crashes;
  mergeInto(health.memory, source.health.memory);
  mergeInto(health.uiP95, source.health.uiP95);
  const { versions } = source.health;
  for (const version of Object.keys(versions).sort()) {
    addVersion(health.versions, version, versions[version] ?? { reports: 0, crashes: 0 });
  }
}

/** The sum of two, either of which may be missing. Neither is changed. */
export function plusFeedback(a: Feedback | null, b: Feedback | null): Feedback | null {
  if (a === null && b === null) return null;
  const sum = emptyFeedback();
  if (a !== null) mergeFeedbackInto(sum, a);
  if (b !== null) mergeFeedbackInto(sum, b);
  return sum;
}

function addReason(reasons: Feedback["reasons"], reason: string, count: number): void {
  const word = wordIn(reasons, reason);
  reasons[word] = (Object.hasOwn(reasons, word) ? (reasons[word] ?? 0) : 0) + count;
}

function addVersion(
  versions: Feedback["health"]["versions"],
  version: string,
  added: { readonly reports: number; readonly crashes: number },
): void {
  const word = wordIn(versions, version);
  const known = Object.hasOwn(versions, word) ? versions[word] : undefined;
  versions[word] = {
    reports: (known?.reports ?? 0) + added.reports,
    crashes: (known?.crashes ?? 0) + added.crashes,
  };
}

function wordIn(words: { readonly [word: string]: unknown }, word: string): string {
  const isThere = Object.hasOwn(words, word) || Object.keys(words).length < WORDS_MAX;
  return isThere ? word : OTHER_WORD;
}
