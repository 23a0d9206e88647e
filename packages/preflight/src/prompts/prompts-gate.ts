// The gate `prompts`: asks both versions the team's own prompts, and compares what comes back, prompt by prompt.

import { counted, type Figure, percentText } from "@slipway/core";
import type { PromptsGate } from "@slipway/wire/config";
import { isBusy, type Outcome } from "../ask.ts";
import type { Gate, GateContext, GateFinding } from "../gate.ts";
import { findingWithLessons } from "../learnt/lesson-findings.ts";
import { type AskedPrompt, askBoth } from "./asked.ts";
import { differencesOf } from "./differences.ts";
import { learntPrompts } from "./learnt-prompts.ts";
import { readPrompts } from "./prompt-file.ts";
import { type TokenFindings, tokenFindings } from "./tokens.ts";
import { breaks, figuresOf, promptsNeeded, type Test, testsOf } from "./worse.ts";

const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** With more prompts than this that stable itself does not answer, the rest says little. */
const LOST_SHARE_MAX = 0.1;

export const promptsGate: Gate<PromptsGate> = {
  name: "prompts",
  run: async (context) => {
    const lessons = await learntPrompts(context);
    // Where nothing is set up it is lessons alone that ask for the gate.
    const own =
      context.settings.files.length === 0 && lessons.length > 0 ? null : await ownFinding(context);
    return findingWithLessons(own, lessons);
  },
};

async function ownFinding(context: GateContext<PromptsGate>): Promise<GateFinding> {
  const { settings, files } = context;
  const texts = [];
  for (const file of settings.files) {
    texts.push({ file, text: await files.read(file, FILE_BYTES_MAX) });
  }
  return findingOf(await askBoth(readPrompts(texts), context), context);
}

function findingOf(
  asked: readonly AskedPrompt[],
  { settings, candidate, stable }: GateContext<PromptsGate>,
): GateFinding {
  const { falseAlarmMax } = settings;
  const comparable = asked.filter(
    ({ stable: own, candidate: other }) =>
      own.outcome.kind === "answer" && !isTurnedAway(other.outcome),
  );
  const tests = testsOf(comparable);
  const tokens = tokenFindings(comparable, {
    ratioMax: settings.inputTokensRatioMax ?? candidate.version.expect?.["input-tokens"] ?? null,
    headroomMin: settings.headroomMin,
    windowTokens: candidate.version.contextTokensMax ?? null,
  });
  const names = { stable: stable.version.id, candidate: candidate.version.id };
  const broken = brokenText(tests, tokens.figures, falseAlarmMax, names);
  const unknown = unknownText({ asked, comparable, tests, tokens }, falseAlarmMax, names.stable);
  const differences = differencesOf(comparable);
  return {
    outcome: broken !== null ? "fail" : unknown !== null ? "inconclusive" : "pass",
    because: broken ?? unknown ?? passText(comparable.length, tests, tokens.figures, names),
    figures: [...tokens.figures, ...figuresOf(tests, falseAlarmMax)],
    details: {
      prompts: asked.length,
      comparable: comparable.length,
      falseAlarmMax,
      tests: tests.filter(({ candidateOnly, stableOnly }) => candidateOnly + stableOnly > 0),
      differences,
    },
  };
}

/** It says something of the hour, and nothing of the version. */
function isTurnedAway(outcome: Outcome): boolean {
  return outcome.kind === "rejection" && isBusy(outcome);
}

type Names = { readonly stable: string; readonly candidate: string };

/** The worst of what does not hold; null where all does. */
function brokenText(
  tests: readonly Test[],
  figures: readonly Figure[],
  falseAlarmMax: number,
  { stable, candidate }: Names,
): string | null {
  // That it is worse in some way is said only where no one way is it.
  const worst = tests
    .filter((test) => breaks(test, falseAlarmMax))
    .sort((a, b) => rankOf(a) - rankOf(b) || b.candidateOnly - a.candidateOnly)[0];
  if (worst !== undefined) {
    const { trait, of, prompts, candidateOnly, stableOnly, chance } = worst;
    const where =
      of === null ? counted(prompts, "prompt") : `${counted(prompts, "prompt")} of ${of}`;
    const byChance = trait === "rejected" ? "" : `; by chance as many: ${percentText(chance)}`;
    return `of ${where}, ${candidateOnly} are ${trait} at ${candidate} alone and ${stableOnly} at ${stable} alone${byChance}`;
  }
  const over = figures.find(({ holds }) => holds === false);
  if (over === undefined) return null;
  const { name, value, limit, unit } = over;
  const amount = (of: number): string =>
    unit === "x" ? `${of.toFixed(2)}x` : `${of.toLocaleString("en-US")} ${unit}`;
  return `${name}: ${amount(value)}, and at most ${amount(limit ?? 0)} are allowed`;
}

function rankOf({ trait, of }: Test): number {
  return (trait === "rejected" ? 0 : trait === "worse" ? 4 : 2) + (of === null ? 0 : 1);
}

type Compared = {
  readonly asked: readonly AskedPrompt[];
  readonly comparable: readonly AskedPrompt[];
  readonly tests: readonly Test[];
  readonly tokens: TokenFindings;
};

/** Why it cannot be told; null where it can. */
function unknownText(
  { asked, comparable, tests, tokens }: Compared,
  falseAlarmMax: number,
  stable: string,
): string | null {
  const lost = asked.length - comparable.length;
  if (lost > asked.length * LOST_SHARE_MAX) {
    const busy = asked.filter(
      (one) => isTurnedAway(one.stable.outcome) || isTurnedAway(one.candidate.outcome),
    ).length;
    return busy * 2 > lost
      ? `busy servers turned away ${busy} of ${counted(asked.length, "prompt")}, however often they were asked: lower concurrency, or ask when there is room`
      : `${stable} itself did not answer ${lost - busy} of ${counted(asked.length, "prompt")}`;
  }
  const needed = promptsNeeded(tests.length, falseAlarmMax);
  if (comparable.length < needed) {
    return `with ${counted(comparable.length, "prompt")} no difference can be told from chance; it takes ${needed}`;
  }
  return tokens.unknown;
}

function passText(
  prompts: number,
  tests: readonly Test[],
  figures: readonly Figure[],
  { stable, candidate }: Names,
): string {
  const all = tests.find(({ trait, of }) => trait === "worse" && of === null);
  const [worse, better] = [all?.candidateOnly ?? 0, all?.stableOnly ?? 0];
  const ratio = (figures[0]?.value ?? 1).toFixed(2);
  const same =
    worse + better === 0
      ? "all end alike"
      : `${worse} end badly at ${candidate} alone and ${better} at ${stable} alone, which chance can do`;
  return `of ${counted(prompts, "prompt")}, ${same}; they are ${ratio}x the tokens`;
}
