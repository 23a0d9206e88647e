// How much worse than stable the candidate is in a slot of time: in the share of requests that are harmed, or in the
// logarithm of how long answers take, which says more, and sooner.

import { type Beat, type Beats, emptyBeat, plusBeat } from "./counts.ts";
import { type Harm, SLOW } from "./harm.ts";
import { POOR_ENDINGS } from "./reference.ts";

export type Tone = { readonly value: number; readonly variance: number };

/** Answers take from half to twice the usual, mostly: the spread of their base-2 logarithm. */
const LOG_SPREAD = 1;

/** Null where one arm has too few requests to say. */
export function paceOf({ stable, candidate }: Pick<Beats, "stable" | "candidate">): Tone | null {
  if (stable.timed < 5 || candidate.timed < 5) return null;
  return {
    value: candidate.logs / candidate.timed - stable.logs / stable.timed,
    variance: LOG_SPREAD ** 2 * (1 / candidate.timed + 1 / stable.timed),
  };
}

/** Of the kinds that the harm has: others are chance, and would only blur it. */
export function harmRateOf(
  { stable, candidate }: Pick<Beats, "stable" | "candidate">,
  harm: Harm,
): Tone | null {
  if (stable.counted < 5 || candidate.counted < 5) return null;
  const [own, usual] = [harmedIn(candidate, harm), harmedIn(stable, harm)];
  return {
    value: own / candidate.counted - usual / stable.counted,
    variance: spreadOf(own, candidate.counted) + spreadOf(usual, stable.counted),
  };
}

/** No more than there are: an answer that is none may be slow too. */
export function harmedIn(beat: Beat, { kinds }: Harm): number {
  const has = (of: readonly string[]): boolean => kinds.some(({ kind }) => of.includes(kind));
  const failed = kinds.some(
    ({ kind }) => kind !== SLOW && !POOR_ENDINGS.some((one) => one === kind),
  );
  const sum =
    (failed ? beat.failed : 0) +
    (has(POOR_ENDINGS) ? beat.unanswered : 0) +
    (has([SLOW]) ? beat.slow : 0);
  return Math.min(beat.counted, sum);
}

function spreadOf(bad: number, n: number): number {
  const rate = (bad + 0.5) / (n + 1);
  return (rate * (1 - rate)) / n;
}

export function sumOf(slots: readonly Beats[]): Pick<Beats, "stable" | "candidate"> {
  const sum = { stable: emptyBeat(), candidate: emptyBeat() };
  for (const { stable, candidate } of slots) {
    plusBeat(sum.stable, stable);
    plusBeat(sum.candidate, candidate);
  }
  return sum;
}
