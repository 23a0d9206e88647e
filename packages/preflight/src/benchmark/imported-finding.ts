// What results of another tool say about two versions. Item by item they are compared as if Slipway had asked; an item
// that only one of the two runs has is a failure, since it may be missing for being wrong. Sums can only show harm.

import {
  chanceText,
  counted,
  holmAdjusted,
  type Imported,
  type ImportedItem,
  type ImportedTask,
  type ItemPair,
  percentText,
  type Random,
  unpairedHarmChance,
} from "@slipway/core";
import { importedResults } from "@slipway/wire";
import type { BenchmarkGate, ImportedResults } from "@slipway/wire/config";
import type { GateContext, GateFinding } from "../gate.ts";
import { plain } from "../plain-figure.ts";
import { POWER, pairedFinding } from "./paired-finding.ts";

const FILE_BYTES_MAX = 256 * 1024 * 1024;
const UNTOLD_SHARE_MAX = 0.02;
const SHOWN_MAX = 3;

export async function importedFinding(
  { stable, candidate }: ImportedResults,
  { files, settings, progress }: GateContext<BenchmarkGate>,
  random: Random,
): Promise<GateFinding> {
  progress(0, null, `reading ${stable} and ${candidate}`);
  const ofStable = importedResults(await files.read(stable, FILE_BYTES_MAX), stable);
  const ofCandidate = importedResults(await files.read(candidate, FILE_BYTES_MAX), candidate);
  const finding = comparedFinding(ofStable, ofCandidate, settings, random);
  return {
    ...finding,
    details: {
      tool: ofCandidate.tool,
      grade: ofCandidate.grade,
      files: { stable, candidate },
      // Nothing in these files says which weights answered.
      servedVersionProven: false,
      found: finding.details,
    },
  };
}

function comparedFinding(
  stable: Imported,
  candidate: Imported,
  settings: BenchmarkGate,
  random: Random,
): GateFinding {
  if (stable.tool !== candidate.tool || stable.grade !== candidate.grade) {
    return failed(`results of ${textOf(stable)} are not compared with ${textOf(candidate)}`);
  }
  if (stable.grade === "B" && candidate.grade === "B") {
    return byItem(stable.items, candidate.items, settings, random);
  }
  return stable.grade === "C" && candidate.grade === "C"
    ? bySums(stable.tasks, candidate.tasks, settings)
    : failed("one is by item, the other is not");
}

function textOf({ tool, grade }: Imported): string {
  return `${tool} ${grade === "B" ? "item by item" : "in sums"}`;
}

function byItem(
  stable: readonly ImportedItem[],
  candidate: readonly ImportedItem[],
  settings: BenchmarkGate,
  random: Random,
): GateFinding {
  const others = new Map(candidate.map((item) => [item.id, item]));
  const known = new Set(stable.map(({ id }) => id));
  const orphans = [
    ...stable.filter(({ id }) => !others.has(id)),
    ...candidate.filter(({ id }) => !known.has(id)),
  ];
  if (orphans.length > 0) {
    const names = orphans.slice(0, SHOWN_MAX).map(({ id }) => id);
    return failed(
      `${counted(orphans.length, "item")} ${orphans.length === 1 ? "is" : "are"} in only one of the two runs: ${names.join("; ")}`,
    );
  }
  const pairs = stable.flatMap(({ id, family, tags, passed }): ItemPair[] => {
    const other = others.get(id)?.passed ?? null;
    return passed === null || other === null
      ? []
      : [{ id, family, tags, stable: passed, candidate: other }];
  });
  const { comparisons, ...finding } = pairedFinding(pairs, { ...settings, power: POWER }, random);
  const untold = stable.length - pairs.length;
  if (finding.outcome === "pass" && untold > UNTOLD_SHARE_MAX * stable.length) {
    const because = `${counted(untold, "item")} of ${stable.length} have no result in one of the runs (at most ${percentText(UNTOLD_SHARE_MAX)})`;
    return { ...finding, outcome: "inconclusive", because, details: { comparisons } };
  }
  return { ...finding, details: { comparisons } };
}

function bySums(
  stable: readonly ImportedTask[],
  candidate: readonly ImportedTask[],
  { alpha }: BenchmarkGate,
): GateFinding {
  const others = new Map(candidate.map((task) => [task.name, task]));
  const pairs = stable.flatMap((task) => {
    const other = others.get(task.name);
    return other === undefined ? [] : [{ stable: task, candidate: other }];
  });
  if (pairs.length < Math.max(stable.length, candidate.length)) {
    return failed("the two runs have different tasks");
  }
  const other = pairs.find((pair) => pair.stable.hash !== pair.candidate.hash);
  if (other !== undefined) return failed(`${other.stable.name} was not the same task in both runs`);
  const chances = holmAdjusted(
    pairs.map((pair) => unpairedHarmChance(pair.stable, pair.candidate)),
  );
  const worst = pairs.findIndex((_, index) => (chances[index] ?? 1) <= alpha);
  const figures = pairs.map((pair) => ({
    ...plain(
      "right answers, candidate less stable",
      pair.candidate.share - pair.stable.share,
      "share",
    ),
    of: pair.stable.name,
  }));
  const task = pairs[worst];
  if (task === undefined) {
    const because =
      "sums without items cannot show that a candidate is no worse: give the samples of both runs";
    return { outcome: "inconclusive", because, figures, details: null };
  }
  const because = `${task.stable.name}: ${percentText(task.candidate.share)} right against ${percentText(task.stable.share)}; the chance of that in a version no worse is ${chanceText(chances[worst] ?? 1)}`;
  return { outcome: "fail", because, figures, details: null };
}

function failed(because: string): GateFinding {
  return { outcome: "fail", because, figures: [], details: null };
}
