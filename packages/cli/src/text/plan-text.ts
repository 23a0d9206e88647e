// A plan as people read it: each stage with its time, each guard with what it will have seen by then, and what to
// mend or to keep in mind.

import {
  type Chances,
  durationText,
  type PlannedGuard,
  type PlannedStage,
  percentText,
  ratioText,
  type SeenHarm,
} from "@slipway/core";
import type { PlanView } from "@slipway/wire";
import { lessonsInForceText } from "../commands/lesson/in-force-text.ts";
import { momentText } from "./rollout-text.ts";
import { textColumns } from "./text-columns.ts";

export function planText(plan: PlanView): string {
  const { model, from, to } = plan;
  return [
    `${model} from ${from} to ${to}, for ${sourceText(plan)}\n`,
    ...plan.stages.map((stage) => stageText(stage, plan)),
    `\nA healthy candidate reaches its last stage after ${chancesText(plan.allUsersMinutes)}, and is completed after ${chancesText(plan.completedMinutes)}.\n`,
    feedbackText(plan.feedbackWait),
    ...list("Mend before you start", plan.warnings),
    ...list("What it will not see", plan.unseen),
    ...list("What is assumed", plan.assumed),
    lessonsInForceText(plan.lessons),
  ].join("");
}

function sourceText({ perMinute, errorRate, source }: PlanView): string {
  const figures = `${numberText(perMinute)} requests a minute of which ${percentText(errorRate)} fail`;
  const { evidence, given } = source;
  const seen =
    evidence === null
      ? []
      : [
          `${numberText(evidence.requests)} requests that ${evidence.version} answered in rollout ${evidence.rolloutId} until ${momentText(evidence.toMs)}`,
        ];
  const told = given.length === 0 ? [] : [`given: ${given.join(", ")}`];
  return `${figures} (${[...seen, ...told].join("; ")})`;
}

function stageText(stage: PlannedStage, plan: PlanView): string {
  const least = minutesText(stage.leastMinutes);
  const head = `\nstage ${stage.percent}%: at least ${least}; a healthy candidate leaves it after ${chancesText(stage.minutes)}\n`;
  return head + textColumns(stage.guards.flatMap((guard) => guardRows(guard, plan)));
}

function guardRows(guard: PlannedGuard, plan: PlanView): readonly string[][] {
  if (guard.test === "threshold") {
    const says = guard.fed
      ? `breaks on a healthy candidate with a chance of ${percentText(guard.falseBreak)} or more`
      : "never has enough requests to say anything";
    return [["  ", guard.guard, says]];
  }
  if (guard.test === "unforeseen") {
    return [["  ", guard.guard, `watches ${guard.counts}, which is not known beforehand`]];
  }
  return guard.seen.map((seen, index) => [
    "  ",
    index === 0 ? guard.guard : "",
    seen.segment === null ? "everybody" : segmentText(seen),
    byEndText(seen),
    examplesText(seen, guard.metric, plan),
  ]);
}

function segmentText({ segment, share }: SeenHarm): string {
  const name = segment ?? "";
  return name.endsWith("%") ? name : `${name} (${percentText(share)})`;
}

function byEndText({ byStageEnd: { half, most } }: SeenHarm): string {
  if (half === null) return "sees nothing by its end";
  const sure = most === null ? "none with 90%" : `${ratioText(most)} with 90%`;
  return `sees ${ratioText(half)} with 50%, ${sure} by its end`;
}

function examplesText(seen: SeenHarm, metric: PlannedGuard["metric"], plan: PlanView): string {
  const [first] = seen.examples.filter(({ minutes }) => minutes.half !== null);
  if (first === undefined) return "";
  const { ratio, minutes } = first;
  const what =
    metric === "events" && seen.segment === null
      ? `${percentText(plan.errorRate)} to ${percentText(plan.errorRate * ratio)}`
      : ratioText(ratio);
  return `${what} takes ${minutesText(minutes.half)}`;
}

/** "22 min (90%: 52 min)". */
function chancesText({ half, most }: Chances): string {
  if (half === null)
    return "no time that can be told: most ask an operator first, or wait for ever";
  return `${minutesText(half)} (9 in 10: ${most === null ? "not by itself" : minutesText(most)})`;
}

function minutesText(minutes: number | null): string {
  if (minutes === null) return "for ever";
  return durationText(minutes * 60_000);
}

function numberText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 0 });
}

function feedbackText(wait: PlanView["feedbackWait"]): string {
  if (wait === null) return "";
  const { guards, stageMinutes, allUsersMinutes, completedMinutes } = wait;
  return `Where users and their clients say much (${guards.join(", ")}), each stage waits for that until ${minutesText(stageMinutes)} after its beginning at most: then it reaches its last stage after up to ${chancesText(allUsersMinutes)}, and is completed after up to ${chancesText(completedMinutes)}.\n`;
}

function list(title: string, sentences: readonly string[]): readonly string[] {
  if (sentences.length === 0) return [];
  return [`\n${title}:\n`, ...sentences.map((sentence) => `  - ${sentence}\n`)];
}
