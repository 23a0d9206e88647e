// What a benchmark measures beside right and wrong, of both versions on the same items: times, rates, lengths, syntax
// errors, refusals. Only the time of whole answers has a limit, where one is set.

import {
  differenceOf,
  type Figure,
  type MeanDifference,
  type MeasuredPair,
  type Random,
  rankQuantile,
  ratioOf,
  surelyWithin,
} from "@slipway/core";
import { SCORERS, type ScorerName } from "@slipway/scorers";
import type { Answer } from "../ask.ts";
import { plain } from "../plain-figure.ts";
import type { ItemResult } from "./item-result.ts";
import type { Result } from "./scores.ts";

const ARMS = ["stable", "candidate"] as const;

type Both = { readonly family: string | null; readonly stable: Answer; readonly candidate: Answer };

export type SideFigures = {
  readonly figures: readonly Figure[];
  /** How many times stable's the candidate's whole answers take; null where nothing was measured. */
  readonly slower: MeanDifference | null;
};

export function sideFigures(
  results: readonly ItemResult[],
  slowerMax: number | null,
  alpha: number,
  random: Random,
): SideFigures {
  const both = results.flatMap(({ item, stable, candidate }): Both[] =>
    stable.outcome.kind === "answer" && candidate.outcome.kind === "answer"
      ? [{ family: item.family, stable: stable.outcome, candidate: candidate.outcome }]
      : [],
  );
  const ratio = (name: string, read: (answer: Answer) => number | null): Figure[] =>
    ratioFigure(name, ratioOf(measured(both, read), alpha, random));
  const slower = ratioOf(
    measured(both, ({ totalMs }) => totalMs),
    alpha,
    random,
  );
  return {
    figures: [
      ...shares(results, alpha, random),
      ...times("time to first token", both, ({ ttftMs }) => ttftMs),
      ...ratio("time to first token, candidate to stable", ({ ttftMs }) => ttftMs),
      ...times("whole answer", both, ({ totalMs }) => totalMs),
      ...slowerFigure(slower, slowerMax),
      ...ratio("characters a second, candidate to stable", charactersPerSecond),
      ...ratio("tokens a second, candidate to stable", tokensPerSecond),
      ...ratio("tokens of the same prompt, candidate to stable", promptTokens),
      ...ratio("characters of an answer, candidate to stable", ({ text }) => text.length),
      ...scorerFigures(results, alpha, random),
    ],
    slower,
  };
}

function promptTokens({ usage }: Answer): number | null {
  return usage?.promptTokens ?? null;
}

/** Tokens of two tokenizers are not alike; characters are. */
function charactersPerSecond({ text, totalMs }: Answer): number | null {
  return totalMs <= 0 ? null : (1000 * text.length) / totalMs;
}

function tokensPerSecond({ usage, totalMs }: Answer): number | null {
  return usage === null || totalMs <= 0 ? null : (1000 * usage.completionTokens) / totalMs;
}

function measured(both: readonly Both[], read: (answer: Answer) => number | null): MeasuredPair[] {
  return both.flatMap(({ family, stable, candidate }) => {
    const [ofStable, ofCandidate] = [read(stable), read(candidate)];
    return ofStable === null || ofCandidate === null
      ? []
      : [{ family, stable: ofStable, candidate: ofCandidate }];
  });
}

function shares(results: readonly ItemResult[], alpha: number, random: Random): Figure[] {
  const share = (name: string, counts: (result: Result) => boolean): Figure[] => {
    const pairs = results.map(({ item, stable, candidate }) => ({
      family: item.family,
      stable: Number(counts(stable)),
      candidate: Number(counts(candidate)),
    }));
    return differenceFigures(name, "share", pairs, alpha, random);
  };
  return [
    ...share("no answer", ({ outcome }) => outcome.kind !== "answer"),
    ...share(
      "cut off at the length limit",
      ({ outcome }) => outcome.kind === "answer" && outcome.finishReason === "length",
    ),
  ];
}

/** Both versions' means, and the difference where it can be told. */
function differenceFigures(
  name: string,
  unit: string,
  pairs: readonly MeasuredPair[],
  alpha: number,
  random: Random,
): Figure[] {
  if (pairs.length === 0) return [];
  const { stable, candidate, difference } = differenceOf(pairs, alpha, random);
  const both = [
    plain(`${name}, stable`, stable, unit),
    plain(`${name}, candidate`, candidate, unit),
  ];
  if (difference === null) return both;
  const { mean, low, high } = difference;
  return [
    ...both,
    { ...plain(`${name}, candidate less stable`, mean, unit), interval: [low, high] },
  ];
}

function times(name: string, both: readonly Both[], read: (answer: Answer) => number): Figure[] {
  return [0.5, 0.95].flatMap((q) =>
    ARMS.flatMap((arm) => {
      const value = rankQuantile(
        both.map((one) => read(one[arm])),
        q,
      );
      return value === null ? [] : [plain(`${name} P${100 * q}, ${arm}`, value, "ms")];
    }),
  );
}

function ratioFigure(name: string, ratio: MeanDifference | null): Figure[] {
  if (ratio === null) return [];
  return [{ ...plain(name, ratio.mean, "x"), interval: [ratio.low, ratio.high] }];
}

function slowerFigure(slower: MeanDifference | null, slowerMax: number | null): Figure[] {
  return ratioFigure("whole answer, candidate to stable", slower).map((figure) =>
    slower === null || slowerMax === null
      ? figure
      : { ...figure, limit: slowerMax, holds: surelyWithin(slower, slowerMax) },
  );
}

/** Names of what scorers measure, as a report writes them, with their units. */
const MEASURES: {
  readonly [name: string]: { readonly name: string; readonly unit: string } | undefined;
} = {
  errorsPer100Nodes: { name: "syntax errors in 100 nodes", unit: "" },
  unknownNames: { name: "unknown names in an answer", unit: "" },
  refused: { name: "refused", unit: "share" },
};

function scorerFigures(results: readonly ItemResult[], alpha: number, random: Random): Figure[] {
  return SCORERS.flatMap((scorer) =>
    Object.entries(MEASURES).flatMap(([key, measure]) => {
      if (measure === undefined) return [];
      const pairs = results.flatMap(({ item, stable, candidate }): MeasuredPair[] => {
        const [ofStable, ofCandidate] = [of(stable, scorer, key), of(candidate, scorer, key)];
        return ofStable === undefined || ofCandidate === undefined
          ? []
          : [{ family: item.family, stable: ofStable, candidate: ofCandidate }];
      });
      return differenceFigures(measure.name, measure.unit, pairs, alpha, random);
    }),
  );
}

function of({ scores }: Result, scorer: ScorerName, key: string): number | undefined {
  return scores[scorer]?.measured?.[key];
}
