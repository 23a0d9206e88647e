// The gate `shadow`: copies of real requests, or answers that were kept of them, compared answer by answer; then, where it is
// set up, as many copies as the candidate's pool is to take.

import {
  chanceText,
  counted,
  type Figure,
  type Json,
  percentText,
  type Random,
} from "@slipway/core";
import type { ShadowGate } from "@slipway/wire/config";
import { judged, judgeEndpoint } from "../benchmark/judging.ts";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { plain } from "../plain-figure.ts";
import { sideBySide } from "../side-by-side.ts";
import { amplified } from "./amplified.ts";
import { type Comparison, comparisonOf, type JudgedPair, type TraitVerdict } from "./comparison.ts";
import {
  coverageOf,
  notCopiedText,
  UNANSWERED,
  unansweredFigure,
  unansweredOf,
} from "./coverage.ts";
import { formOf } from "./form.ts";
import { keptPairs, type ShadowPair } from "./kept-pairs.ts";
import { type Mirrored, mirroredPairs } from "./mirrored.ts";

type Context = GateContext<ShadowGate>;

const SEED = 1;
const JUDGED_AT_ONCE = 4;
/** Of the pairs, those of which the judge may say nothing that can be read. */
const JUDGE_SILENT_MAX = 0.1;
/** A copy that takes this many times as long as nearly all of stable's answers has no answer. */
const PATIENCE = 5;
const PATIENCE_MS_MIN = 5_000;

export const shadowGate: Gate<ShadowGate> = {
  name: "shadow",
  run: async (context) =>
    context.settings.recorded.length === 0
      ? await ofMirror(context)
      : await ofRecords(context, context.settings.recorded),
};

async function ofRecords(context: Context, recorded: readonly string[]): Promise<GateFinding> {
  const { model, stable, candidate, settings, files } = context;
  const versions = { stable: stable.version.id, candidate: candidate.version.id };
  const { pairs, unreadable } = await keptPairs(
    recorded,
    { model, ...versions, mirror: null },
    settings.pairs,
    files,
  );
  // Nobody knows which of the model's requests were left out.
  const grade = { grade: "B" };
  if (pairs.length === 0) {
    const because = `none of the recorded answers are of one request that both ${versions.stable} and ${versions.candidate} answered`;
    return { outcome: "fail", because, figures: [pairsFigure(0, settings)], details: grade };
  }
  const { outcome, because, figures, details } = await compared(
    context,
    pairs,
    unreadableFigures(unreadable),
  );
  return { outcome, because, figures, details: { ...details, ...grade } };
}

async function ofMirror(context: Context): Promise<GateFinding> {
  const { settings, candidate } = context;
  const mirrored = await mirroredPairs(context);
  const { pairs, view, elapsedMs } = mirrored;
  const { id } = candidate.version;
  const patienceMs = Math.max(PATIENCE_MS_MIN, PATIENCE * (view.primary.p99Ms ?? 0));
  const unanswered = unansweredOf(view, elapsedMs, patienceMs);
  const silent = unansweredFigure(unanswered, view.coverage.sent, settings.margin);
  const seen = { coverage: { ...view.coverage }, stable: { ...view.primary.outcomes } };
  if (view.coverage.sent === 0) {
    const because = `nothing was mirrored to ${id}: ${notCopiedText(view)}`;
    return { outcome: "fail", because, figures: [pairsFigure(0, settings)], details: seen };
  }
  if (silent.holds === false) {
    const because = `${id} left ${unanswered} of ${view.coverage.sent} copies without an answer for ${Math.round(patienceMs / 1000)} s and more`;
    return { outcome: "fail", because, figures: [silent], details: seen };
  }
  if (pairs.length === 0) return cannot(keptNowhereText(context, view.shadow.judged), seen);
  const coverage = coverageFigure(mirrored, settings);
  const around = [coverage, silent, ...unreadableFigures(mirrored.unreadable)];
  const found = await compared(context, pairs, around);
  const result = { ...found, details: { ...found.details, ...seen } };
  if (found.outcome !== "pass" || settings.amplify === null) return result;
  const full = await amplified(context, settings.amplify, mirrored);
  return {
    outcome: full.outcome,
    because: full.outcome === "pass" ? `${found.because}; ${full.because}` : full.because,
    figures: [...found.figures, ...full.figures],
    details: result.details,
  };
}

type Compared = Omit<GateFinding, "details"> & { readonly details: { readonly [k: string]: Json } };

async function compared(
  context: Context,
  pairs: readonly ShadowPair[],
  around: readonly Figure[],
): Promise<Compared> {
  const { settings, stable, candidate, random } = context;
  const chance = random(SEED);
  const all = await judgedPairs(context, pairs, chance);
  const comparison = comparisonOf(all, settings, chance);
  const names = { stable: stable.version.id, candidate: candidate.version.id };
  const broken = brokenText(comparison, names);
  const silent = settings.judge === null ? 0 : all.filter((one) => one.byJudge === null).length;
  const unknown =
    silent > JUDGE_SILENT_MAX * all.length
      ? `the judge said nothing that can be read of ${silent} of ${counted(all.length, "pair")}`
      : unknownText(comparison, pairs.length, settings, around);
  return {
    outcome: broken !== null ? "fail" : unknown !== null ? "inconclusive" : "pass",
    because: broken ?? unknown ?? passText(comparison, pairs.length, names),
    figures: [pairsFigure(pairs.length, settings), ...around, ...comparison.figures],
    details: {
      pairs: pairs.length,
      answeredTwiceByStable: all.filter(({ again }) => again !== null).length,
      traits: comparison.traits.map(({ trait, verdict: { by }, noise }) => ({
        trait,
        candidateOnly: by.losses,
        stableOnly: by.wins,
        of: by.of,
        noise: noise.differ,
        answeredTwice: noise.of,
      })),
    },
  };
}

async function judgedPairs(
  context: Context,
  pairs: readonly ShadowPair[],
  random: Random,
): Promise<readonly JudgedPair[]> {
  const { settings, scoring, secret, progress } = context;
  const { judge } = settings;
  const endpoint = judge === null ? null : judgeEndpoint(judge, secret);
  let done = 0;
  return await sideBySide(pairs, JUDGED_AT_ONCE, async (pair): Promise<JudgedPair> => {
    const { stable, candidate, again, request } = pair;
    const forms = {
      pair,
      stable: await formOf(stable, scoring.live),
      candidate: await formOf(candidate, scoring.live),
      again: again === null ? null : await formOf(again, scoring.live),
    };
    if (judge === null || endpoint === null) return { ...forms, byJudge: null };
    const shown = {
      question: request,
      criterion: judge.criterion,
      stable: stable.answer,
      candidate: candidate.answer,
    };
    const { judgement } = await judged(shown, endpoint, judge.timeoutMs, context, random);
    progress(++done, pairs.length, "pairs seen by the judge");
    if (judgement.kind === "unreadable") return { ...forms, byJudge: null };
    const { better } = judgement;
    return {
      ...forms,
      byJudge: { stable: better !== "candidate", candidate: better !== "stable" },
    };
  });
}

type Names = { readonly stable: string; readonly candidate: string };

/** The first trait that tells what is wrong: that answers are bad in some way is said only where no one way is it. */
function brokenText({ traits, length, time }: Comparison, names: Names): string | null {
  const worse = traits.filter(({ verdict }) => verdict.kind === "worse");
  const first = worse.find(({ trait }) => trait !== "bad") ?? worse[0];
  if (first !== undefined) return traitText(first, names);
  if (length?.holds === false) {
    return `answers of ${names.candidate} have ${rangeText(length)} the characters of ${names.stable}'s, and between ${(1 / (length.limit ?? 1)).toFixed(2)} and ${length.limit ?? 1} times are allowed`;
  }
  if (time?.holds !== false) return null;
  return `answers of ${names.candidate} take ${rangeText(time)} as long as ${names.stable}'s to the same requests, and at most ${time.limit ?? 1} times are allowed`;
}

function traitText({ trait, verdict: { by }, noise }: TraitVerdict, names: Names): string {
  const of = by.of === null ? "" : ` of ${by.of}`;
  const itself = `${names.stable} differs so from itself on ${noise.differ} of ${noise.of}`;
  const chance = `by chance as many: ${chanceText(by.harmChance)}`;
  return `of ${counted(by.items, "request")}${of}, ${by.losses} are ${trait} at ${names.candidate} alone and ${by.wins} at ${names.stable} alone; ${chance}; ${itself}`;
}

function rangeText({ value, interval }: Figure): string {
  const [low, high] = interval ?? [value, value];
  return `${value.toFixed(2)} times (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function unknownText(
  { traits, length, time }: Comparison,
  pairs: number,
  { margin, coverageMin, pairs: wanted }: ShadowGate,
  around: readonly Figure[],
): string | null {
  const coverage = around.find(({ name }) => name === COVERAGE);
  if (coverage?.holds === false) {
    return `what was compared speaks for ${percentText(coverage.value)} of the model's requests, and ${percentText(coverageMin)} are needed`;
  }
  const silent = around.find(({ name }) => name === UNANSWERED);
  if (silent?.holds === null) {
    return `${percentText(silent.value)} of the copies were left without an answer, and that it is no more than ${percentText(margin)} cannot be told of so few`;
  }
  if (pairs < wanted) {
    return `both answers to ${counted(pairs, "request")} could be compared, and ${wanted} are asked for: give it longer, more of the traffic, or ask for fewer pairs`;
  }
  const unsure = traits.find(({ verdict }) => verdict.kind === "cannot-tell");
  const more = counted(pairs, "pair");
  if (unsure !== undefined && unsure.verdict.by.items === 0) {
    return `nothing says how far stable differs from itself: no request was sent to it a second time`;
  }
  if (unsure !== undefined) {
    const most = -unsure.verdict.by.difference.low;
    return `up to ${percentText(most)} more ${unsure.trait} answers cannot be excluded with ${more} (margin ${percentText(margin)})`;
  }
  const ratio = [length, time].find((figure) => figure === null || figure.holds === null);
  if (ratio === undefined) return null;
  return ratio === null
    ? `too few whole answers to compare lengths and times, in ${more}`
    : `${ratio.name} is ${rangeText(ratio)}, and ${ratio.limit ?? 0} times is the limit: with ${more} neither is sure`;
}

function passText({ traits, length, time }: Comparison, pairs: number, names: Names): string {
  const bad = traits.find(({ trait }) => trait === "bad");
  const { losses = 0, wins = 0 } = bad?.verdict.by ?? {};
  const noise = `${names.stable} differs so from itself on ${bad?.noise.differ ?? 0} of ${bad?.noise.of ?? 0}`;
  return `of ${counted(pairs, "request")}, ${losses} end badly at ${names.candidate} alone and ${wins} at ${names.stable} alone (${noise}); its answers are ${(length?.value ?? 1).toFixed(2)} times as long, and take ${(time?.value ?? 1).toFixed(2)} times as long`;
}

const COVERAGE = "of the model's requests, what is compared speaks for";

function coverageFigure(
  { pairs, view }: Mirrored,
  { coverageMin, pairs: wanted }: ShadowGate,
): Figure {
  const answered = Math.max(1, Math.min(view.shadow.judged, view.primary.judged));
  const keptShare = Math.min(1, pairs.length / Math.min(wanted, answered));
  const value = coverageOf(view, keptShare);
  return { ...plain(COVERAGE, value, "share"), limit: coverageMin, holds: value >= coverageMin };
}

function unreadableFigures(unreadable: number): readonly Figure[] {
  return unreadable === 0 ? [] : [plain("kept answers that cannot be read", unreadable, "")];
}

function pairsFigure(pairs: number, { pairs: wanted }: ShadowGate): Figure {
  return { ...plain("pairs compared", pairs, ""), limit: wanted, holds: pairs >= wanted };
}

function keptNowhereText({ settings, candidate }: Context, answered: number): string {
  return `${candidate.version.id} answered ${counted(answered, "copy", "copies")}, and ${settings.gatewayDir} has none of them that can be compared: run this where the gateway keeps its answers, name its data directory as gateway-dir, or fetch the files of every gateway and name them as recorded`;
}

function cannot(because: string, details: Json): GateFinding {
  return { outcome: "inconclusive", because, figures: [], details };
}
