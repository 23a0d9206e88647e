// A backtest as people read it: what happened and what would have, rollout by rollout, and all of them together.

import {
  type BacktestReport,
  type BacktestSummary,
  type CourseEnd,
  counted,
  durationText,
  type HarmReport,
  type Spread,
} from "@slipway/core";
import type { BacktestView } from "@slipway/wire";
import { momentText } from "./rollout-text.ts";

export function backtestText({ reports, summary, skipped }: BacktestView): string {
  const left = skipped.map(({ rolloutId, why }) => `${rolloutId} was left out: ${why}\n`);
  if (reports.length === 0) return `${left.join("")}no rollout was recorded that could be tried\n`;
  const [first] = reports;
  const ofAll = (first?.unknown ?? []).filter((text) =>
    reports.every(({ unknown }) => unknown.includes(text)),
  );
  const shared = reports.length === 1 ? [] : ofAll;
  return [
    ...reports.map((report) => reportText(report, shared)),
    ...left,
    `${sharedText(shared)}${summaryText(summary)}`,
  ].join("\n");
}

function sharedText(notes: readonly string[]): string {
  if (notes.length === 0) return "";
  return `not known of any of them\n${notes.map((text) => `  ${text}\n`).join("")}\n`;
}

/** `shared`: what is told of all of them together. */
function reportText(report: BacktestReport, shared: readonly string[]): string {
  const { rolloutId, model, from, to, startedAtMs, real, tried, fork, same, isOwn } = report;
  const unknown = report.unknown.filter((text) => !shared.includes(text));
  const head = `${rolloutId}  ${model}  ${from} → ${to}  started ${momentText(startedAtMs)}`;
  const lines: readonly (readonly [string, string])[] = [
    ["happened", `${endText(real, startedAtMs)}${becauseText(real)}`],
    [
      "would have",
      fork === null
        ? `gone the same way: ${counted(same, "decision")} made again, all alike${isOwn ? " (its own policy)" : ""}`
        : `${endText(tried, startedAtMs)}${shiftText(real, tried)}${becauseText(tried)}`,
    ],
    ...(fork === null ? [] : partedLines(fork, startedAtMs)),
    ["candidate", harmText(report.harm.real)],
    ...(fork === null ? [] : [["", `would have: ${harmText(report.harm.tried)}`] as const]),
    ...unknown.map((text, index) => [index === 0 ? "not known" : "", text] as const),
  ];
  return `${head}\n${lines.map(([name, text]) => `  ${name.padEnd(10)}  ${text}\n`).join("")}`;
}

function endText({ outcome, atMs, percent, phase }: CourseEnd, startedAtMs: number): string {
  const after = `after ${durationText(atMs - startedAtMs)}`;
  if (outcome === "completed") return `completed ${after}`;
  if (outcome === "rolled-back") return `rolled back from ${percent}% ${after}`;
  return `at ${percent}% (${phase}) when the record ends ${after}`;
}

/** Why it ended, or why it last moved. */
function becauseText({ steps, outcome }: CourseEnd): string {
  const last = steps.at(-1);
  if (last === undefined || outcome === "completed") return "";
  const who = last.by === null ? "" : ` (${last.by})`;
  return `: ${last.because.text}${who}`;
}

function shiftText(real: CourseEnd, tried: CourseEnd): string {
  if (real.outcome !== tried.outcome || real.outcome === "under-way") return "";
  const shiftMs = tried.atMs - real.atMs;
  if (shiftMs === 0) return ", at the same time";
  return `, ${durationText(Math.abs(shiftMs))} ${shiftMs < 0 ? "sooner" : "later"}`;
}

function partedLines(
  { atMs, recorded, tried }: NonNullable<BacktestReport["fork"]>,
  startedAtMs: number,
): readonly (readonly [string, string])[] {
  const did = (what: string, text: string | undefined): string =>
    `${what}${text === undefined ? "" : ` (${text})`}`;
  return [
    ["parted", `after ${durationText(atMs - startedAtMs)}`],
    ["", `what it did: ${did(recorded.did, recorded.because?.text)}`],
    ["", `what this would have done: ${did(tried.did, tried.because.text)}`],
  ];
}

function harmText({ requests, bad, spared, unknown, users }: HarmReport): string {
  const hidden = spared === 0 ? "" : ` (${spared.toLocaleString("en-US")} hidden by replay)`;
  const open =
    unknown === 0
      ? ""
      : `; how ${unknown.toLocaleString("en-US")} of them would have gone is not known`;
  return `${counted(requests, "request")} of about ${counted(users, "user")}, ${bad.toLocaleString("en-US")} failed${hidden}${open}`;
}

function summaryText({
  rollouts,
  alike,
  completed,
  rolledBack,
  requests,
  bad,
}: BacktestSummary): string {
  const n = (value: number): string => value.toLocaleString("en-US");
  return [
    `${counted(rollouts, "rollout")} tried, ${n(alike)} the same way\n`,
    completed.n === 0
      ? ""
      : `  ${n(completed.n)} completed: ${n(completed.rolledBack)} would have been rolled back, ${n(completed.notDone)} not done by the end of the record${spreadText(completed.delay)}\n`,
    rolledBack.n === 0
      ? ""
      : `  ${n(rolledBack.n)} rolled back by their policy: ${n(rolledBack.missed)} would not have been by the end of the record${spreadText(rolledBack.delay)}\n`,
    `  on the candidate: ${n(requests.real)} requests, ${n(bad.real)} failed; would have been ${n(requests.tried)}, ${n(bad.tried)} failed\n`,
  ].join("");
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return "";
  const one = (ms: number): string =>
    ms === 0 ? "at the same time" : `${durationText(Math.abs(ms))} ${ms < 0 ? "sooner" : "later"}`;
  const { n, medianMs, minMs, maxMs } = spread;
  if (n === 1 || minMs === maxMs) return `; the other ${n === 1 ? "one" : n}: ${one(medianMs)}`;
  return `; the other ${n}: ${one(medianMs)} in the median (${one(minMs)} to ${one(maxMs)})`;
}
