// Where the candidate does worse than stable on the same prompts: each way to end badly by itself, over all prompts and
// by tag, with McNemar's exact test, and with Holm's correction for there being so many.

import { type Figure, holmAdjusted, mcnemarWorse, tangoInterval } from "@slipway/core";
import type { AskedPrompt } from "./asked.ts";
import { BAD_ENDINGS, type BadEnding } from "./ending.ts";

/** What is tested: one way to end badly, or any of them. */
type Trait = BadEnding | "worse";

const TRAITS: readonly Trait[] = ["worse", ...BAD_ENDINGS];
/** Two-sided 95%. */
const Z = 1.959_964;
/** Values of tags that are looked at by themselves; more would drown each other. */
const TAG_VALUES_MAX = 50;

export type Test = {
  readonly trait: Trait;
  /** The tag with its value; null for all prompts. */
  readonly of: string | null;
  readonly prompts: number;
  /** Prompts on which only the candidate, or only stable, ends so. */
  readonly candidateOnly: number;
  readonly stableOnly: number;
  /** The chance of so many more where the candidate is no worse, corrected for all tests. */
  readonly chance: number;
};

/** `comparable`: prompts that stable itself answers. */
export function testsOf(comparable: readonly AskedPrompt[]): readonly Test[] {
  const groups = [{ of: null, prompts: comparable }, ...tagged(comparable)];
  const tests = groups.flatMap(({ of, prompts }) =>
    TRAITS.map((trait): Test => {
      const has = (side: AskedPrompt["stable"]): boolean =>
        trait === "worse" ? side.ending.kind !== "fine" : side.ending.kind === trait;
      const only = (one: "stable" | "candidate", other: "stable" | "candidate"): number =>
        prompts.filter((asked) => has(asked[one]) && !has(asked[other])).length;
      const candidateOnly = only("candidate", "stable");
      const stableOnly = only("stable", "candidate");
      const chance = mcnemarWorse({ wins: stableOnly, losses: candidateOnly });
      return { trait, of, prompts: prompts.length, candidateOnly, stableOnly, chance };
    }),
  );
  const adjusted = holmAdjusted(tests.map(({ chance }) => chance));
  return tests.map((test, index) => ({ ...test, chance: adjusted[index] ?? 1 }));
}

function tagged(
  asked: readonly AskedPrompt[],
): readonly { readonly of: string; readonly prompts: readonly AskedPrompt[] }[] {
  const groups = new Map<string, AskedPrompt[]>();
  for (const one of asked) {
    for (const [tag, value] of Object.entries(one.prompt.tags)) {
      const of = `${tag} ${value}`;
      const group = groups.get(of);
      if (group !== undefined) group.push(one);
      else if (groups.size < TAG_VALUES_MAX) groups.set(of, [one]);
    }
  }
  // A tag that all share is no part of them.
  return [...groups]
    .filter(([, prompts]) => prompts.length < asked.length)
    .map(([of, prompts]) => ({ of, prompts }));
}

/** How many prompts must change for the worse, and none for the better, before a test could ever tell. */
export function promptsNeeded(tests: number, falseAlarmMax: number): number {
  return Math.ceil(Math.log2(Math.max(1, tests) / falseAlarmMax));
}

/** Parameters that stop being taken are no matter of chance. */
export function breaks(test: Test, falseAlarmMax: number): boolean {
  if (test.trait === "rejected") return test.candidateOnly > 0;
  return test.chance <= falseAlarmMax;
}

/** Of all prompts always; of a tag only where something differs. */
export function figuresOf(tests: readonly Test[], falseAlarmMax: number): readonly Figure[] {
  return tests
    .filter((test) => test.of === null || breaks(test, falseAlarmMax))
    .map((test): Figure => {
      const wins = test.stableOnly;
      const losses = test.candidateOnly;
      const { low, high } = tangoInterval({ wins: losses, losses: wins }, test.prompts, Z);
      return {
        name: `more ${test.trait}`,
        value: test.prompts === 0 ? 0 : (losses - wins) / test.prompts,
        unit: "share",
        interval: [low, high],
        limit: null,
        holds: !breaks(test, falseAlarmMax),
        of: test.of,
      };
    });
}
