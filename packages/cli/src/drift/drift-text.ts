// Watches for drift as people read them.

import {
  agreementText,
  type DriftWatch,
  driftAlarmLogE,
  lapseText,
  percentText,
} from "@slipway/core";
import type { DriftVersion, DriftView } from "@slipway/wire";
import { momentText } from "../text/rollout-text.ts";
import { textColumns } from "../text/text-columns.ts";

const ENTRIES_MAX = 20;

export function driftText({ model, order, versions, entries }: DriftView): string {
  if (order === null) return `${model} is not watched for drift\n`;
  const when = order.schedule === null ? "when somebody asks" : `by ${order.schedule}`;
  const head = `${model} is looked at ${when}, with ${order.probes.length} probes\n`;
  const rows = versions.map(({ id, scheduled, watch, lapse }) => [
    `  ${id}`,
    watchedText(watch, lapse),
    watch?.last ? `last ${momentText(watch.last.atMs)}` : "",
    scheduled ? "scheduled" : "",
  ]);
  const told = versions.flatMap((version) => watchText(version));
  const past = entries
    .slice(-ENTRIES_MAX)
    .toReversed()
    .map(({ kind, version, atMs, by, text }) => [
      `  ${momentText(atMs)}`,
      version,
      kind === "alarm" ? "CHANGED" : "baseline",
      text,
      by,
    ]);
  const history = past.length === 0 ? "" : `\nbaselines and alarms\n${textColumns(past)}`;
  return `${head}${textColumns(rows)}${told.join("")}${history}`;
}

/** One line of what a look, or a baseline, came to. */
export function lookText({ model, versions }: DriftView, id: string): string {
  const watch = versions.find((version) => version.id === id)?.watch ?? null;
  const where = `drift of ${model} ${id}`;
  if (watch === null) return `${where}: no baseline\n`;
  const { alarm, last, baseline } = watch;
  if (last === null) {
    const { text, length, ending } = baseline.agreement;
    return `${where}: a baseline of ${baseline.known.length} probes; it agreed with itself in text ${share(text)}, in length ${share(length)}, in how answers end ${share(ending)}\n`;
  }
  if (alarm !== null)
    return `${where}: CHANGED since ${momentText(alarm.atMs)}: ${alarm.because}\n`;
  if (!last.counted) {
    return `${where}: ${last.answered} of ${last.asked} probes were answered, too few to tell\n`;
  }
  return `${where}: unchanged: ${agreementText(watch)}\n`;
}

function share({ alike, of }: { readonly alike: number; readonly of: number }): string {
  return percentText(of === 0 ? 0 : alike / of);
}

function stateOf(watch: DriftWatch | null): string {
  if (watch === null) return "no baseline";
  if (watch.alarm !== null) return "CHANGED";
  return watch.looks === 0 ? "baseline taken" : `unchanged over ${watch.looks} looks`;
}

/** One night without a look is no reason for capitals; what people are told of is. */
function watchedText(watch: DriftWatch | null, lapse: DriftVersion["lapse"]): string {
  if (lapse === null) return stateOf(watch);
  return lapse.toldAtMs === null && watch !== null
    ? `${stateOf(watch)}, last look missed`
    : `NOT WATCHED (${stateOf(watch)})`;
}

function watchText({ id, watch, lapse }: DriftVersion): readonly string[] {
  const missed = lapse === null ? [] : [`  ${id}: ${lapseText(lapse, momentText)}\n`];
  return [...missed, ...agreed(id, watch)];
}

function agreed(id: string, watch: DriftWatch | null): readonly string[] {
  if (watch === null || watch.last === null) return [];
  const { alarm, last, baseline, logE } = watch;
  const backends =
    last.newBackends.length === 0
      ? []
      : [
          `  ${id}: its backend is new (${last.newBackends.join(", ")}), which alone alarms nobody\n`,
        ];
  if (alarm !== null) return [`  ${id}: ${alarm.because}\n`, ...backends];
  const nearText = percentText(Math.max(0, Math.min(1, logE / driftAlarmLogE(baseline))));
  return [
    `  ${id}: ${agreementText(watch)}; evidence of a change at ${nearText} of an alarm\n`,
    ...backends,
  ];
}
