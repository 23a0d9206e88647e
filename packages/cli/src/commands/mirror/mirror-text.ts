// A mirror as people read it.

import { durationText, percentText } from "@slipway/core";
import type { MirrorSideView, MirrorView } from "@slipway/wire";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

export function mirrorText(view: MirrorView): string {
  const { model, to, share, copies, stopped, coverage } = view;
  const state =
    stopped === null
      ? `running since ${momentText(view.startedAtMs)}${untilText(view)}`
      : `stopped by ${stopped.by} at ${momentText(stopped.atMs)}`;
  const times = copies === 1 ? "" : `, ${copies} times each`;
  const { requests, eligible, sampled, sent } = coverage;
  return [
    `${model} to ${to}, ${percentText(share)}${times}: ${state}`,
    `${requests} requests: ${eligible} eligible${parenthesised(coverage.ineligible)}, ${sampled} sampled`,
    `${sent} copies sent, ${total(coverage.dropped)} dropped${parenthesised(coverage.dropped)}`,
    textColumns([
      ["", "ANSWERS", "FAILED", "P50", "P99", "TTFT P50", "TTFT P99", "OUTCOMES"],
      sideRow("users", view.primary),
      sideRow("shadow", view.shadow),
      ...(view.stableAgain.judged === 0 ? [] : [sideRow("stable again", view.stableAgain)]),
    ]),
  ].join("\n");
}

function untilText({ endsAtMs }: MirrorView): string {
  return endsAtMs === null ? "" : `, until ${momentText(endsAtMs)}`;
}

function sideRow(name: string, side: MirrorSideView): string[] {
  return [
    name,
    String(side.judged),
    String(side.bad),
    ...[side.p50Ms, side.p99Ms, side.ttftP50Ms, side.ttftP99Ms].map((ms) =>
      ms === null ? "-" : durationText(ms),
    ),
    listed(side.outcomes) || "-",
  ];
}

function listed(counts: { readonly [name: string]: number | undefined }): string {
  const entries = Object.entries(counts).filter(([, count]) => count !== undefined);
  return entries.map(([name, count]) => `${name} ${count}`).join(", ");
}

function parenthesised(counts: { readonly [name: string]: number }): string {
  const text = listed(counts);
  return text === "" ? "" : ` (${text})`;
}

function total(counts: { readonly [name: string]: number }): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
