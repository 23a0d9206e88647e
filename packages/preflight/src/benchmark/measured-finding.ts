// What the gate `benchmark` finds in answers that it asked for itself: right and wrong, and what was measured beside.

import { counted, type Figure, type Json, percentText, type Random } from "@slipway/core";
import type { Isolation } from "@slipway/scorers";
import type { BenchmarkGate } from "@slipway/wire/config";
import type { GateFinding } from "../gate.ts";
import { plain } from "../plain-figure.ts";
import { type ItemResult, type Pairing, pairingOf } from "./item-result.ts";
import { POWER, pairedFinding } from "./paired-finding.ts";
import { judgedOf } from "./scores.ts";
import { type SideFigures, sideFigures } from "./side-figures.ts";

/** More items than this without a comparison, and what is left may be no picture of the whole. */
const UNTOLD_SHARE_MAX = 0.02;
const EXAMPLES_MAX = 20;

type Told = Pick<GateFinding, "outcome" | "because">;

export function measuredFinding(
  results: readonly ItemResult[],
  asked: number,
  isolation: Extract<Isolation, { kind: "found" }> | null,
  settings: BenchmarkGate,
  random: Random,
): GateFinding {
  const pairings = results.map((result) => ({ result, pairing: pairingOf(result) }));
  const pairs = pairings.flatMap(({ pairing }) => (pairing.kind === "pair" ? [pairing.pair] : []));
  const paired = pairedFinding(pairs, { ...settings, power: POWER }, random);
  const side = sideFigures(results, settings.slowerMax, settings.alpha, random);
  const untold = pairings.flatMap(({ pairing }) =>
    pairing.kind === "unpaired" && pairing.cause !== "cut-off" ? [pairing] : [],
  );
  const told = toldOf(paired, side, settings, untold, asked);
  return {
    ...told,
    figures: [...paired.figures, ...side.figures, ...judgeFigures(results)],
    details: {
      isolation: isolation?.sandbox.name ?? null,
      unpaired: countsOf(pairings.map(({ pairing }) => pairing)),
      comparisons: paired.comparisons,
      lost: examplesOf(results, false),
      won: examplesOf(results, true),
      untold: untold.slice(0, EXAMPLES_MAX).map(({ because }) => because),
    },
  };
}

/** Harm counts first; then what could not be told; then the time of answers, where it has a limit. */
function toldOf(
  paired: Told,
  { slower }: SideFigures,
  { slowerMax }: BenchmarkGate,
  untold: readonly Extract<Pairing, { kind: "unpaired" }>[],
  asked: number,
): Told {
  if (paired.outcome === "fail") return paired;
  if (slower !== null && slowerMax !== null && slower.low > slowerMax) {
    return { outcome: "fail", because: slowerText(slower.mean, slowerMax) };
  }
  if (untold.length > UNTOLD_SHARE_MAX * asked) {
    return {
      outcome: "inconclusive",
      because: `${counted(untold.length, "item")} of ${asked} could not be compared (at most ${percentText(UNTOLD_SHARE_MAX)}): ${untold[0]?.because ?? ""}`,
    };
  }
  if (paired.outcome !== "pass" || slowerMax === null) return paired;
  if (slower !== null && slower.high <= slowerMax) return paired;
  const because =
    slower === null ? "no time of an answer was measured" : slowerText(slower.mean, slowerMax);
  return { outcome: "inconclusive", because };
}

function slowerText(factor: number, limit: number): string {
  return `its whole answers take ${factor.toFixed(2)}x as long as stable's (limit ${limit}x)`;
}

function countsOf(pairings: readonly Pairing[]): Json {
  const counts: Record<string, number> = {};
  for (const pairing of pairings) {
    if (pairing.kind === "unpaired") counts[pairing.cause] = (counts[pairing.cause] ?? 0) + 1;
  }
  return counts;
}

/** Items that only one version has right, and why the other is wrong. */
function examplesOf(results: readonly ItemResult[], won: boolean): Json {
  return results
    .flatMap((result) => {
      const pairing = pairingOf(result);
      if (pairing.kind !== "pair") return [];
      const { stable, candidate } = pairing.pair;
      if (stable === candidate || candidate !== won) return [];
      const wrong = judgedOf(won ? result.stable : result.candidate);
      return [{ id: result.item.id, because: wrong.because }];
    })
    .slice(0, EXAMPLES_MAX);
}

/** A judge that prefers a place has told less than it seems. */
function judgeFigures(results: readonly ItemResult[]): Figure[] {
  const said = results.flatMap(({ judgeSaid }) => judgeSaid ?? []);
  if (said.length === 0) return [];
  const share = (place: "first" | "second"): number =>
    said.filter((one) => one === place).length / said.length;
  return [
    plain("judge prefers the first answer", share("first"), "share"),
    plain("judge prefers the second answer", share("second"), "share"),
  ];
}
