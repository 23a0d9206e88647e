// The rule of a watch for drift. Answers at temperature 0 differ too, so that a version is held against itself: some rounds of
// a baseline are what is known, and the others measure how often it agrees with that. From then on each look counts answers
// that are unlike what is known, and bets that there are more than an unchanged version gives.
//
// The chance that an unchanged version is ever said to have changed, however often it is looked at, is `falseAlarmMax` at
// most: half of it for a yardstick that was lucky (Clopper-Pearson), half for the bets (an e-process with a limit, and Ville's
// inequality). "Unchanged" leaves room for `margin`: a server answers a little differently on other hardware.

import { durationText, percentText } from "../quantity.ts";
import { boundLogE } from "../statistics/bound-e.ts";
import { clopperPearsonLow } from "../statistics/clopper-pearson.ts";
import { logMean } from "../statistics/log-space.ts";
import { newStakes, nextStakes, stakesLogE } from "../statistics/restart-mixture.ts";
import {
  type Agreement,
  DRIFT_SIGNALS,
  type DriftAlarm,
  type DriftBaseline,
  type DriftLook,
  type DriftOrder,
  type DriftRound,
  type DriftSignal,
  type DriftWatch,
} from "./drift.ts";
import { type Alike, knownProbes, likeness } from "./likeness.ts";

/** Rounds of a baseline from which is known what a version answers; by the others its agreement with that is measured. */
const KNOWN_ROUNDS = 3;
export const BASELINE_ROUNDS = 10;
/** Of the probes, those that must be answered in a look, or in a baseline. */
export const ANSWERED_MIN = 0.9;
/** How an answer ends is steadier than what it says. */
const MARGIN_PARTS: { readonly [signal in DriftSignal]: number } = {
  text: 1,
  length: 1,
  ending: 1 / 3,
};
/** Sizes of a change that are bet on: how far from the limit to all being unlike. */
const SIZES: readonly number[] = [0.1, 0.3, 0.55, 0.85];
const LOG_WEIGHTS: readonly number[] = SIZES.map(() => -Math.log(SIZES.length));
/** Looks over which what is not bet at the start is spread: a season of days. After that it goes on, ever less. */
const PLANNED_LOOKS = 90;

export type TakenBaseline = Pick<DriftBaseline, "number" | "atMs" | "by" | "reason" | "probes"> & {
  readonly version: string;
  readonly fingerprint: string;
  readonly rounds: readonly DriftRound[];
};

/** Null where too few answers came to know a version by, or rounds are missing. */
export function newWatch(
  { version, fingerprint, rounds, ...taken }: TakenBaseline,
  { falseAlarmMax, margin }: Pick<DriftOrder, "falseAlarmMax" | "margin">,
): DriftWatch | null {
  if (rounds.length < BASELINE_ROUNDS || !rounds.every(isAnswered)) return null;
  const known = knownProbes(rounds.slice(0, KNOWN_ROUNDS).flatMap(({ answers }) => answers));
  const { of, alike } = likeness(
    rounds.slice(KNOWN_ROUNDS).flatMap(({ answers }) => answers),
    known,
  );
  const chance = falseAlarmMax / 2 / DRIFT_SIGNALS.length;
  const agreementOf = (signal: DriftSignal): Agreement => {
    const low = clopperPearsonLow(alike[signal], of, chance);
    return { alike: alike[signal], of, floor: Math.max(0, low - margin * MARGIN_PARTS[signal]) };
  };
  const baseline: DriftBaseline = {
    ...taken,
    known,
    agreement: bySignal(agreementOf),
    models: distinct(rounds.flatMap(({ models }) => models)),
    backends: distinct(rounds.flatMap(({ backends }) => backends)),
    falseAlarmMax,
  };
  const stakes = bySignal(() => newStakes(SIZES.length, 0, PLANNED_LOOKS));
  return { version, fingerprint, baseline, looks: 0, stakes, logE: 0, last: null, alarm: null };
}

/** After one more look. An alarm stays until a baseline is taken anew. */
export function afterLook(
  watch: DriftWatch,
  round: DriftRound,
  { atMs, by }: Pick<DriftLook, "atMs" | "by">,
): DriftWatch {
  const { baseline } = watch;
  const { of, alike } = likeness(round.answers, baseline.known);
  const counted = isAnswered(round);
  const last: DriftLook = {
    ...{ atMs, by, asked: round.asked, answered: of, alike, models: round.models, counted },
    newBackends: round.backends.filter((name) => !baseline.backends.includes(name)),
  };
  if (!counted) return { ...watch, last, alarm: watch.alarm ?? renamed(baseline, last) };
  const stakes = bySignal((signal) => stakesAfter(watch, signal, { of, alike }));
  const looks = watch.looks + 1;
  const logE = logMean(
    DRIFT_SIGNALS.map((signal) => stakesLogE(stakes[signal], LOG_WEIGHTS, looks, PLANNED_LOOKS)),
  );
  const next = { ...watch, stakes, looks, logE, last };
  return { ...next, alarm: watch.alarm ?? renamed(baseline, last) ?? unlike(next, last) };
}

/** Evidence at which a watch raises an alarm, as a log. */
export function driftAlarmLogE({ falseAlarmMax }: Pick<DriftBaseline, "falseAlarmMax">): number {
  return Math.log(2 / falseAlarmMax);
}

function isAnswered({ asked, answers }: DriftRound): boolean {
  return asked > 0 && answers.length >= asked * ANSWERED_MIN;
}

function stakesAfter(
  { stakes, looks, baseline }: DriftWatch,
  signal: DriftSignal,
  { of, alike }: { readonly of: number; readonly alike: Alike },
): readonly number[] {
  const limit = 1 - baseline.agreement[signal].floor;
  const counts = { n: of, bad: of - alike[signal] };
  const logE = SIZES.map((size) => boundLogE(counts, limit, limit + (1 - limit) * size));
  return nextStakes(stakes[signal], logE, looks, PLANNED_LOOKS);
}

/** That the server itself says that it is another model needs no test. A backend's fingerprint changes for less. */
function renamed({ models }: DriftBaseline, { atMs, models: now }: DriftLook): DriftAlarm | null {
  const other = now.find((name) => !models.includes(name));
  if (other === undefined || models.length === 0) return null;
  return { atMs, because: `it says that it is ${other}, and said ${models.join(", ")} before` };
}

function unlike(watch: DriftWatch, { atMs }: DriftLook): DriftAlarm | null {
  if (watch.logE < driftAlarmLogE(watch.baseline)) return null;
  return { atMs, because: agreementText(watch) };
}

const LIKE: { readonly [signal in DriftSignal]: string } = {
  text: "say what is known of them",
  length: "are of a known length",
  ending: "end in a known way",
};

/** Of the last look, the signal that speaks most for a change, with its numbers. */
export function agreementText({ baseline, stakes, looks, last }: DriftWatch): string {
  if (last === null) return "it was not looked at since its baseline";
  const strengthOf = (signal: DriftSignal): number =>
    stakesLogE(stakes[signal], LOG_WEIGHTS, looks, PLANNED_LOOKS);
  const [signal = "text"] = DRIFT_SIGNALS.toSorted((a, b) => strengthOf(b) - strengthOf(a));
  const { alike, of, floor } = baseline.agreement[signal];
  const sinceText = durationText(Math.max(0, last.atMs - baseline.atMs));
  return `${last.alike[signal]} of ${last.answered} answers ${LIKE[signal]}; ${sinceText} ago ${alike} of ${of} did, and an unchanged version keeps to ${percentText(floor)} at least`;
}

function bySignal<T>(of: (signal: DriftSignal) => T): { readonly [signal in DriftSignal]: T } {
  return { text: of("text"), length: of("length"), ending: of("ending") };
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
