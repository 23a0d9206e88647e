// The gate `benchmark`: both versions answer the same items, and the candidate must be no worse by more than a margin.
// What another tool found of both counts too, as far as it can prove something.

import {
  type BenchmarkItem,
  counted,
  type EvidenceGrade,
  type GateOutcome,
  GRADES_OF_EVIDENCE,
  NAMED_LANGUAGES,
  type NamedLanguage,
  pairedItemsNeeded,
  pairedMarginShown,
  percentText,
  type Random,
} from "@slipway/core";
import type { CheckNames, Isolation, Score } from "@slipway/scorers";
import type { BenchmarkGate } from "@slipway/wire/config";
import { z } from "zod";
import type { Outcome } from "../ask.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { findingOf, findingWithLessons } from "../learnt/lesson-findings.ts";
import { sideBySide } from "../side-by-side.ts";
import { type Answered, answersOf } from "./answers.ts";
import { dataSetOf } from "./data-set.ts";
import { importedFinding } from "./imported-finding.ts";
import type { ItemResult } from "./item-result.ts";
import { type Judging, judged, judgeEndpoint } from "./judging.ts";
import { findingsOfItems, learntItems } from "./learnt-items.ts";
import { measuredFinding } from "./measured-finding.ts";
import { POWER } from "./paired-finding.ts";
import { type Instruments, type Result, scoresOf } from "./scores.ts";

type Context = GateContext<BenchmarkGate>;

/** Unit tests take a processor each. */
const SCORED_AT_ONCE = 2;
/** Any will do: with it, the same answers give the same report. */
const SEED = 20_260_101;

export const benchmarkGate: Gate<BenchmarkGate> = {
  name: "benchmark",
  run: async (context) => {
    const { data, results } = context.settings;
    const random = context.random(SEED);
    const learnt = learntItems(context.learnt);
    if (data.length === 0 && results.length === 0 && learnt.items.length === 0) {
      return cannotTell("no data set and no results of another tool are named under benchmark");
    }
    const findings: GateFinding[] = [];
    if (data.length > 0) findings.push(await ownFinding(context, random));
    for (const pair of results) findings.push(await importedFinding(pair, context, random));
    const own = findings.length === 0 ? null : combined(findings);
    if (learnt.items.length === 0) return findingWithLessons(own, []);
    const measured = await measuredItems(learnt.items, context, random);
    if ("untold" in measured) {
      const because = measured.untold;
      const lessons = new Set(learnt.cases.map(({ lesson }) => lesson));
      return findingWithLessons(
        own,
        [...lessons].map((lesson) => findingOf(lesson, { holds: null, because })),
      );
    }
    return findingWithLessons(own, findingsOfItems(learnt, measured.results));
  },
};

async function ownFinding(context: Context, random: Random): Promise<GateFinding> {
  const { settings, files } = context;
  const items = await dataSetOf(settings.data, files);
  context.progress(0, items.length, sizeText(items.length, settings));
  const measured = await measuredItems(items, context, random);
  if ("untold" in measured) return cannotTell(measured.untold);
  const { results, isolation } = measured;
  return measuredFinding(results, items.length, isolation, settings, random);
}

type Measured = {
  readonly results: readonly ItemResult[];
  readonly isolation: Extract<Isolation, { kind: "found" }> | null;
};

/** Asked of both versions, and scored; or why that cannot be. */
async function measuredItems(
  items: readonly BenchmarkItem[],
  context: Context,
  random: Random,
): Promise<Measured | { readonly untold: string }> {
  const { settings, scoring } = context;
  const needsJudge = items.filter(({ expect }) => expect.judge !== undefined).length;
  if (needsJudge > 0 && settings.judge === null) {
    return { untold: `${counted(needsJudge, "item")} need a judge, and benchmark has none` };
  }
  const judge = settings.judge === null ? null : judgeEndpoint(settings.judge, context.secret);
  const isolation = items.some(({ expect }) => expect.tests !== undefined)
    ? await scoring.isolation()
    : null;
  if (isolation?.kind === "none") {
    return { untold: `unit tests cannot be isolated on this machine: ${isolation.because}` };
  }
  try {
    const answered = await answersOf(items, context, random);
    const results = await scoredItems(answered, context, { isolation, judge }, random);
    return { results, isolation };
  } finally {
    isolation?.release();
  }
}

/** Said before the first question is asked. */
function sizeText(items: number, settings: BenchmarkGate): string {
  const design = { ...settings, power: POWER };
  const needed = pairedItemsNeeded(design, settings.margin);
  const shown = pairedMarginShown(design, items);
  return `${counted(items, "item")}; a margin of ${percentText(settings.margin)} needs about ${needed}, these show one of ${percentText(shown)}`;
}

/** What is needed to score, and was found before anything was asked. */
type Means = {
  readonly isolation: Extract<Isolation, { kind: "found" }> | null;
  readonly judge: Endpoint | null;
};

async function scoredItems(
  answered: readonly Answered[],
  context: Context,
  { isolation, judge }: Means,
  random: Random,
): Promise<readonly ItemResult[]> {
  const { scoring, progress, signal } = context;
  const languages = answered.flatMap(({ item }) => item.expect.parse?.language ?? []);
  const instruments: Instruments = {
    match: scoring.match,
    marker: scoring.marker,
    parse: await scoring.grammars(languages),
    names: await namesIn(answered, scoring),
    sandbox: isolation?.sandbox ?? null,
  };
  let done = 0;
  return await sideBySide(answered, SCORED_AT_ONCE, async (one): Promise<ItemResult> => {
    signal.throwIfAborted();
    const judging = judge === null ? null : await judgingOf(one, judge, context, random);
    const stable = await resultOf(one.item, one.stable, judging?.scores.stable, instruments);
    const { item } = one;
    const candidate = await resultOf(item, one.candidate, judging?.scores.candidate, instruments);
    progress(++done, answered.length, "answers scored");
    const said = judging?.judgement.kind === "judged" ? judging.judgement.said : null;
    return { item, stable, candidate, judgeSaid: said };
  });
}

async function namesIn(
  answered: readonly Answered[],
  { live }: Context["scoring"],
): Promise<Instruments["names"]> {
  const names: { [language in NamedLanguage]?: CheckNames } = {};
  for (const language of NAMED_LANGUAGES) {
    if (!answered.some(({ item }) => item.expect.names?.language === language)) continue;
    const check = await live.names(language);
    if (check !== null) names[language] = check;
  }
  return names;
}

async function judgingOf(
  { item, stable, candidate }: Answered,
  judge: Endpoint,
  context: Context,
  random: Random,
): Promise<Judging | null> {
  if (item.expect.judge === undefined) return null;
  if (stable.kind !== "answer" || candidate.kind !== "answer") return null;
  const answers = {
    question: item.messages.map(({ role, content }) => `${role}: ${content}`).join("\n"),
    criterion: item.expect.judge.criterion,
    stable: stable.text,
    candidate: candidate.text,
  };
  return await judged(answers, judge, context.settings.timeoutMs, context, random);
}

async function resultOf(
  item: BenchmarkItem,
  outcome: Outcome,
  byJudge: Score | undefined,
  instruments: Instruments,
): Promise<Result> {
  if (outcome.kind !== "answer") return { outcome, scores: {} };
  const scores = await scoresOf(item, outcome, instruments);
  return { outcome, scores: byJudge === undefined ? scores : { ...scores, judge: byJudge } };
}

/** All of them must pass; the first that decides says why. */
function combined(findings: readonly GateFinding[]): GateFinding {
  const outcomes = ["fail", "inconclusive", "pass"] as const satisfies readonly GateOutcome[];
  const outcome = outcomes.find((one) => findings.some((finding) => finding.outcome === one));
  const deciding = findings.find((finding) => finding.outcome === outcome);
  const [only] = findings;
  if (findings.length === 1 && only !== undefined) return only;
  return {
    outcome: outcome ?? "inconclusive",
    because: deciding?.because ?? "nothing was found",
    figures: findings.flatMap(({ figures }) => figures),
    details: { grade: worstGrade(findings), findings: findings.map(({ details }) => details) },
  };
}

/** Together they prove no more than the weakest of them. */
function worstGrade(findings: readonly GateFinding[]): EvidenceGrade {
  const grades = findings.map(({ details }) => graded.safeParse(details).data?.grade ?? "A");
  return grades.reduce((worst, grade) => (grade > worst ? grade : worst), "A");
}

/** What Slipway asked itself says no grade: it is all there. */
const graded = z.object({ grade: z.enum(GRADES_OF_EVIDENCE) });

function cannotTell(because: string): GateFinding {
  return { outcome: "inconclusive", because, figures: [], details: null };
}
