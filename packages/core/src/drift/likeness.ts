// Whether an answer of a probe is like those that are known, signal by signal.

import { DRIFT_SIGNALS, type DriftSignal, type KnownProbe, type ProbeAnswer } from "./drift.ts";

/** How many times the longest, or the shortest, known answer another may be and still be of its length. */
const LENGTH_RATIO = 1.25;
/** And so many tokens more: of five tokens a quarter is one. */
const LENGTH_TOKENS = 2;

export type Alike = { readonly [signal in DriftSignal]: number };

export function knownProbes(answers: readonly ProbeAnswer[]): readonly KnownProbe[] {
  const byProbe = Map.groupBy(answers, ({ probe }) => probe);
  return [...byProbe].map(([probe, own]): KnownProbe => {
    const tokens = own.flatMap((answer) => (answer.tokens === null ? [] : [answer.tokens]));
    return {
      probe,
      texts: [...new Set(own.map(({ text }) => text))],
      endings: [...new Set(own.map(({ ending }) => ending))],
      tokensMin: tokens.length === 0 ? null : Math.min(...tokens),
      tokensMax: tokens.length === 0 ? null : Math.max(...tokens),
    };
  });
}

/** Of these answers, those that are like what is known of their probe, and how many there are of known probes. */
export function likeness(
  answers: readonly ProbeAnswer[],
  known: readonly KnownProbe[],
): { readonly of: number; readonly alike: Alike } {
  const byProbe = new Map(known.map((one) => [one.probe, one]));
  const alike = { text: 0, length: 0, ending: 0 };
  let of = 0;
  for (const answer of answers) {
    const probe = byProbe.get(answer.probe);
    if (probe === undefined) continue;
    of++;
    for (const signal of DRIFT_SIGNALS) if (IS_ALIKE[signal](answer, probe)) alike[signal]++;
  }
  return { of, alike };
}

const IS_ALIKE: {
  readonly [signal in DriftSignal]: (answer: ProbeAnswer, known: KnownProbe) => boolean;
} = {
  text: ({ text }, { texts }) => texts.includes(text),
  ending: ({ ending }, { endings }) => endings.includes(ending),
  length: ({ tokens }, { tokensMin, tokensMax }) => {
    // A server that counts nothing, then as now, is alike.
    if (tokens === null || tokensMin === null || tokensMax === null) {
      return tokens === null && tokensMin === null;
    }
    return (
      tokens <= tokensMax * LENGTH_RATIO + LENGTH_TOKENS &&
      tokens >= tokensMin / LENGTH_RATIO - LENGTH_TOKENS
    );
  },
};
