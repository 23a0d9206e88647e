// Load: harm that was not there while the candidate had fewer requests a second, and is there since it has more. What was
// the same at the same load before, or grew while the load stayed, is not the load's.

import { percentText, ratioText } from "../../quantity.ts";
import { growthOf } from "./accumulating.ts";
import { rounded } from "./concentration.ts";
import type { Beat, Beats } from "./counts.ts";
import { type CauseFacts, type CauseTest, OF_LABELS } from "./facts.ts";
import type { Harm } from "./harm.ts";
import { clipped, sureness, tested, untested } from "./hypothesis.ts";
import { harmedIn, harmRateOf, sumOf } from "./over-time.ts";
import { whoIsMissing } from "./segment.ts";

/** A load is another from this factor on. */
const OTHER_LOAD = 1.5;
/** To so many ticks it is not known when the harm began. */
const NEAR_TICKS = 3;
/** The candidate's requests without which a load says nothing. */
const REQUESTS_MIN = 100;

export const loadDependent: CauseTest = (facts) => {
  const { counts, harm, slots } = facts;
  if (harm.family === "labels") return untested("load-dependent", OF_LABELS);
  const { fromMs, tickMs } = counts.ask;
  const loadOf = loadsIn(slots, counts.beats.at(-1)?.startMs ?? 0, tickMs);
  const during = slots.filter(({ startMs }) => startMs >= fromMs);
  // When it began is known to a few ticks: those at the load before the last stage are none of it.
  const most = Math.max(0, ...during.map(loadOf));
  const now = during.filter((slot) => loadOf(slot) > most / OTHER_LOAD);
  const load = meanLoad(now, loadOf);
  const low = slots.filter((slot) => loadOf(slot) <= load / OTHER_LOAD);
  const alike = slots.filter(
    (slot) =>
      slot.startMs < fromMs - NEAR_TICKS * tickMs &&
      loadOf(slot) > load / OTHER_LOAD &&
      loadOf(slot) < load * OTHER_LOAD,
  );
  const [before, since] = [harmRateOf(sumOf(low), harm), harmRateOf(sumOf(now), harm)];
  if (since === null || before === null || sumOf(low).candidate.counted < REQUESTS_MIN) {
    return untested("load-dependent", "the candidate had no other, lower load to compare with");
  }
  const z = (since.value - before.value) / Math.sqrt(since.variance + before.variance);
  const explained = since.value <= 0 ? 0 : 1 - Math.max(0, before.value) / since.value;
  const times = load / meanLoad(low, loadOf);
  return tested("load-dependent", {
    share: clipped(explained),
    fit:
      sureness(z) * newness(now, alike, harm) * (1 - grownPart(facts)) * (1 - missingPart(facts)),
    text: `at ${perSecond(load)} of the candidate's requests ${percentText(Math.max(0, since.value))} more are harmed than of stable's, and ${percentText(Math.max(0, before.value))} at ${perSecond(meanLoad(low, loadOf))} before: ${ratioText(times)} the load`,
    data: { head: HEAD, rows: slots.map((slot) => rowOf(slot, loadOf(slot), harm)) },
  });
};

const HEAD = ["at, ms", "candidate's requests a second", "harmed, candidate", "harmed, stable"];

function rowOf(slot: Beats, load: number, harm: Harm): readonly (number | null)[] {
  const rate = (beat: Beat): number | null =>
    beat.counted === 0 ? null : rounded(harmedIn(beat, harm) / beat.counted);
  return [slot.startMs, rounded(load), rate(slot.candidate), rate(slot.stable)];
}

function perSecond(load: number): string {
  return `${Math.round(load * 10) / 10} a second`;
}

/** Requests of the candidate a second, by slot. */
function loadsIn(slots: readonly Beats[], lastMs: number, tickMs: number): (slot: Beats) => number {
  const loads = new Map(
    slots.map((slot, index) => {
      const endMs = slots[index + 1]?.startMs ?? lastMs + tickMs;
      return [slot, (slot.candidate.requests * 1_000) / Math.max(tickMs, endMs - slot.startMs)];
    }),
  );
  return (slot) => loads.get(slot) ?? 0;
}

function meanLoad(slots: readonly Beats[], loadOf: (slot: Beats) => number): number {
  return slots.reduce((sum, slot) => sum + loadOf(slot), 0) / Math.max(1, slots.length);
}

/** Near 1 where the harm came with the load; near 0 where the same load was borne for longer than it was not. */
function newness(now: readonly Beats[], alike: readonly Beats[], harm: Harm): number {
  const [since, before] = [harmRateOf(sumOf(now), harm), harmRateOf(sumOf(alike), harm)];
  if (since === null || before === null) return 1;
  const borne = 1 - clipped(before.value / Math.max(since.value, 1e-9));
  return 1 - (borne * alike.length) / (alike.length + now.length);
}

function grownPart(facts: CauseFacts): number {
  const growth = growthOf(facts);
  return typeof growth === "string" ? 0 : growth.part * growth.fit;
}

/** Who came with the load and was not there before: what they meet is not the load's. */
function missingPart(facts: CauseFacts): number {
  const missing = whoIsMissing(facts);
  return missing.kind === "tested" ? missing.score : 0;
}
