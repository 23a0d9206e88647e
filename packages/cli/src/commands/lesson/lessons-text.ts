// Lessons as a person reads them: what an incident teaches, and what a model has learnt.

import {
  type Checklist,
  type ChecklistItem,
  changeText,
  counted,
  isCases,
  type Lesson,
  soonerText,
} from "@slipway/core";
import type { LessonView } from "@slipway/wire";
import { momentText } from "../../text/rollout-text.ts";

export function lessonsText(lessons: readonly LessonView[]): string {
  const [first] = lessons;
  if (first === undefined) return "nothing can be proposed from what was recorded\n";
  return [
    ...lessons.map(lessonText),
    `\naccept one: slipway lesson accept ${first.id} --owner TEAM --reason TEXT\n`,
  ].join("");
}

function lessonText({ id, what, why, backtest, untried }: LessonView): string {
  return [
    `${id}\n`,
    `  ${what}\n`,
    `  because ${why}\n`,
    `  backtest: ${backtest?.text ?? untried ?? "none"}\n`,
    ...(backtest?.unknown ?? []).map((one) => `    not known: ${one}\n`),
  ].join("");
}

export function acceptedText({ id, what, owner, promised, change }: Lesson): string {
  const promise = promised === null ? "" : `, and is to stop such a thing ${soonerText(promised)}`;
  const cases = isCases(change) && change.cases.length > 0 ? ` (${changeText(change)})` : "";
  return `${id} is ${owner}'s, and in what the next rollout starts with: ${what}${cases}${promise}\n`;
}

export function droppedText({ id, dropped }: Lesson): string {
  return `${id} counts no longer: ${dropped?.reason ?? ""}\n`;
}

export function checklistText({ model, items, rollouts }: Checklist): string {
  if (items.length === 0) {
    return `${model} has learnt nothing yet; slipway incident lessons ID proposes what to\n`;
  }
  return `${model}, over ${counted(rollouts, "rollout")}\n${items.map(itemText).join("")}`;
}

function itemText({ lesson, rollouts, caught }: ChecklistItem): string {
  const { id, what, owner, reason, acceptedAtMs, promised, dropped } = lesson;
  const state =
    dropped === null
      ? `${owner}'s since ${momentText(acceptedAtMs)}`
      : `dropped by ${dropped.by} at ${momentText(dropped.atMs)}: ${dropped.reason}`;
  return [
    `\n${id} (${state})\n`,
    `  ${what}\n`,
    `  because ${reason}\n`,
    ...(promised === null ? [] : [`  promised: ${soonerText(promised)}\n`]),
    `  in force in ${counted(rollouts, "rollout")}, has caught ${caught.length}\n`,
    ...caught.map(
      ({ rolloutId, version, atMs, text }) =>
        `    ${momentText(atMs)}  ${rolloutId ?? `${version} did not start`}: ${text}\n`,
    ),
  ].join("");
}
