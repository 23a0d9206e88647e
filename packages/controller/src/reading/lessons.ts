// What an incident teaches, each lesson tried on what was recorded: on its own rollout, and on the model's last others.

import {
  type BacktestReport,
  changedPolicy,
  type LessonBacktest,
  type LessonChange,
  type LessonProposal,
  lessonBacktest,
  lessonId,
  type Policy,
  proposalsOf,
} from "@slipway/core";
import type { LessonView } from "@slipway/wire";
import { unknownLesson } from "../refusal.ts";
import type { StoreReader } from "../store/store.ts";
import { analysed } from "./analyse.ts";
import { backtestOne } from "./backtest-rollouts.ts";
import { foundIncident } from "./incidents.ts";

export type LessonsAsk = {
  readonly id: string;
  /** The one of this name alone; null for all. */
  readonly name: string | null;
};

/** The model's newest others. */
const OTHERS_MAX = 10;
/** Where a lesson changes a share, evidence is thinned by chance: that often. */
const DRAWS = 5;

/** What no rollout records, and how it is tried now. */
const NOT_ON_RECORD: { readonly [kind in LessonChange["kind"]]?: string } = {
  gate: "not testable on the record: a gate looks at what no rollout records; it runs now with slipway preflight --gate",
  "prompt-case":
    "not testable on the record: what users asked is not in it; slipway lesson try asks both versions now",
  "benchmark-item":
    "not testable on the record: what users asked, and what was right, is not in it; slipway lesson try asks both versions now",
  drill:
    "not testable on the record: it is about how the way back is rehearsed; slipway drill --fault rehearses it now",
};

export async function lessonsOf(
  reader: StoreReader,
  { id, name }: LessonsAsk,
): Promise<readonly LessonView[]> {
  const found = await foundIncident(reader, { id });
  const { incident, rollout } = found;
  const analysis = await analysed(reader, found);
  const all = proposalsOf(incident, analysis, rollout.policy);
  const chosen = name === null ? all : all.filter((one) => one.name === name);
  if (name !== null && chosen.length === 0) throw unknownLesson(lessonId(id, name));
  const others = (await reader.rollouts(rollout.model, OTHERS_MAX + 1))
    .map((one) => one.id)
    .filter((other) => other !== rollout.id)
    .slice(0, OTHERS_MAX);
  const tickMs = rollout.policy.evidence.tickMs;
  const views: LessonView[] = [];
  for (const proposal of chosen) {
    const backtest = await tried(reader, proposal, { own: rollout.id, others, tickMs });
    views.push({
      ...proposal,
      id: lessonId(id, proposal.name),
      model: rollout.model,
      backtest: typeof backtest === "string" ? null : backtest,
      untried: typeof backtest === "string" ? backtest : null,
    });
  }
  return views;
}

type On = { readonly own: string; readonly others: readonly string[]; readonly tickMs: number };

/** Why not, where it cannot be tried. */
async function tried(
  reader: StoreReader,
  { change }: LessonProposal,
  { own, others, tickMs }: On,
): Promise<LessonBacktest | string> {
  const untestable = NOT_ON_RECORD[change.kind];
  if (untestable !== undefined) return untestable;
  const draws: BacktestReport[] = [];
  for (let draw = 0; draw < (change.kind === "stage" ? DRAWS : 1); draw++) {
    const report = await backtestOne(reader, own, changedBy(change), draw);
    if (typeof report === "string") return report;
    draws.push(report);
  }
  const reports: BacktestReport[] = [];
  for (const id of others) {
    const report = await backtestOne(reader, id, changedBy(change));
    if (typeof report !== "string") reports.push(report);
  }
  return lessonBacktest(draws, reports, tickMs) ?? "its journal is empty";
}

/** Each rollout under its own policy, and the lesson beside it. */
function changedBy(change: LessonChange): (recorded: Policy) => Policy {
  return (recorded) => changedPolicy(recorded, change);
}
