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
  /** Counts of what was scored in the answer, by name. */
  readonly scores: { readonly [score: string]: Counted };
};

/** So many of something, of which some are bad. */
export type Counted = { readonly n: number; readonly bad: number };

/** A count of what was said, all together and by key bucket of the user. JSON as it stands. */
export type Tally = { n: number; bad: number; buckets: { [bucket: string]: Counted } };

/** Names of tallies; a score's is its own name after `score:`. */
export const SCORE_PREFIX = "score:";

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
    /** Of `memory`, by key bucket of the user. */
    memoryBy: { [bucket: string]: Histogram };
  };
  /** What guards count: `acceptance`, `rating`, `crashes` (reports with at least one), and scores. */
  tallies: { [name: string]: Tally };
};

/** More different reasons, versions or scores than this are counted together. */
export const WORDS_MAX = 20;
/** Three that are always the same, and scores. */
export const TALLIES_MAX: number = 3 + WORDS_MAX;
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
      memoryBy: {},
    },
    tallies: {},
  };
}

/** `bucket`: the key bucket of the user who got the answer; null where that is not known. */
export function addHeard(sum: Feedback, heard: Heard, bucket: number | null): void {
  const { accepted, rating, reason, health } = heard;
  if (accepted === true) sum.accepted++;
  if (accepted === false) sum.rejected++;
  if (rating !== null) sum.ratings[rating]++;
  if (reason !== null) addReason(sum.reasons, reason, 1);
  for (const [name, counted] of talliedIn(heard)) addTally(sum.tallies, name, counted, bucket);
  if (health === null) return;
  const { memoryBytes, uiP95Ms, version } = health;
  const crashes = health.crashes ?? 0;
  sum.health.reports++;
  sum.health.crashes += crashes;
  if (memoryBytes !== null) {
    record(sum.health.memory, memoryBytes / MIB);
    if (bucket !== null)
      record(histogramIn(sum.health.memoryBy, String(bucket)), memoryBytes / MIB);
  }
  if (uiP95Ms !== null) record(sum.health.uiP95, uiP95Ms);
  if (version !== null) addVersion(sum.health.versions, version, { reports: 1, crashes });
}

/** What one piece of feedback says of each tally. */
function talliedIn({ accepted, rating, health, scores }: Heard): readonly [string, Counted][] {
  const one = (name: string, isBad: boolean): [string, Counted] => [
    name,
    { n: 1, bad: isBad ? 1 : 0 },
  ];
  const crashes = health?.crashes ?? null;
  return [
    ...(accepted === null ? [] : [one("acceptance", !accepted)]),
    ...(rating === null ? [] : [one("rating", rating === "down")]),
    ...(crashes === null ? [] : [one("crashes", crashes > 0)]),
    ...Object.entries(scores).map(([name, counted]): [string, Counted] => [
      `${SCORE_PREFIX}${name}`,
      counted,
    ]),
  ];
}

function addTally(
  tallies: Feedback["tallies"],
  name: string,
  { n, bad }: Counted,
  bucket: number | null,
): void {
  const word = wordIn(tallies, name, TALLIES_MAX);
  const sum = (Object.hasOwn(tallies, word) ? tallies[word] : undefined) ?? {
    n: 0,
    bad: 0,
    buckets: {},
  };
  sum.n += n;
  sum.bad += bad;
  if (bucket !== null) addBucket(sum.buckets, String(bucket), { n, bad });
  tallies[word] = sum;
}

function addBucket(buckets: Tally["buckets"], bucket: string, { n, bad }: Counted): void {
  const before = buckets[bucket] ?? { n: 0, bad: 0 };
  buckets[bucket] = { n: before.n + n, bad: before.bad + bad };
}

function histogramIn(histograms: { [bucket: string]: Histogram }, bucket: string): Histogram {
  const histogram = histograms[bucket] ?? emptyHistogram();
  histograms[bucket] = histogram;
  return histogram;
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
  for (const [bucket, histogram] of Object.entries(source.health.memoryBy)) {
    mergeInto(histogramIn(health.memoryBy, bucket), histogram);
  }
  for (const name of Object.keys(source.tallies).sort()) {
    const { n = 0, bad = 0, buckets = {} } = source.tallies[name] ?? {};
    addTally(target.tallies, name, { n, bad }, null);
    const word = Object.hasOwn(target.tallies, name) ? name : OTHER_WORD;
    const own = target.tallies[word]?.buckets;
    if (own === undefined) continue;
    for (const [bucket, counted] of Object.entries(buckets)) addBucket(own, bucket, counted);
  }
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

function wordIn(
  words: { readonly [word: string]: unknown },
  word: string,
  max: number = WORDS_MAX,
): string {
  const isThere = Object.hasOwn(words, word) || Object.keys(words).length < max;
  return isThere ? word : OTHER_WORD;
}
