// Baselines as a person reads them: figures of both versions side by side, with the limits of the rollouts to come.

import {
  type Baseline,
  type BaselineFigure,
  changeOf,
  counted,
  limitsByHand,
  metricName,
  type ProposedRow,
  ratioText,
  rowsInForce,
  type Unit,
  valueText,
  withLimitsKept,
} from "@slipway/core";
import type { BaselineView } from "@slipway/wire";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

export function baselineText(view: BaselineView): string {
  const { model, proposed, inForce } = view;
  if (proposed === null && inForce === null) {
    return `${model} has no baseline: no rollout of it has completed yet\n`;
  }
  const isNew = proposed !== null && proposed.rolloutId !== inForce?.rolloutId;
  return [
    inForce === null ? "" : inForceText(inForce),
    inForce !== null && isNew ? "\n" : "",
    isNew ? proposedText(view) : "",
  ].join("");
}

/** Empty where no rollout has completed. */
export function proposedText({ model, proposed, inForce }: BaselineView): string {
  if (proposed === null) return "";
  const { rolloutId, from, to, isConcurrent, rows } = proposed;
  const when = isConcurrent ? "at the same time" : `${from} in the stages before`;
  const hint =
    inForce?.rolloutId === rolloutId
      ? ""
      : `accept these limits for the next rollouts: slipway baseline accept ${model} --reason TEXT\n`;
  return `${rolloutId}: ${from} and ${to} side by side, ${when}\n${table([from, to, "limit to accept"], withLimitsKept(rows, inForce))}${hint}`;
}

function inForceText(baseline: Baseline): string {
  const { version, rolloutId, by, atMs, reason } = baseline;
  return `in force: ${version} as ${rolloutId} measured it, by ${by} at ${momentText(atMs)}: ${reason}\n${table(["before", version, "limit"], rowsInForce(baseline))}`;
}

export function acceptedText(baseline: Baseline): string {
  const { version, limits } = baseline;
  const all = limits.map(({ name, unit, max }) => `  ${name} at most ${valueText(unit, max)}\n`);
  return `${counted(limits.length, "limit")} from ${version}, in what the next rollout starts with\n${all.join("")}${byHandText(baseline)}`;
}

/** Whoever accepts anew keeps these, and is told what they would be otherwise. */
function byHandText(baseline: Baseline): string {
  const lines = limitsByHand(baseline).map(({ name, unit, max, proposed }) => {
    const how = max === null ? "left out" : "set";
    const other = proposed === null ? "none" : valueText(unit, proposed);
    return `  ${name} is ${how} by hand: what was measured proposes ${other}\n`;
  });
  return lines.join("");
}

function table(heads: readonly [string, string, string], rows: readonly ProposedRow[]): string {
  const [old, own, limit] = heads;
  return textColumns([
    ["  figure", old, own, "", limit],
    ...rows.map((row) => {
      const change = changeOf(row);
      return [
        `  ${row.name} (${metricName(row.metric)})`,
        figureText(row.unit, row.old),
        figureText(row.unit, row.new),
        change === null ? "" : ratioText(change),
        row.limit === null ? "–" : valueText(row.unit, row.limit),
      ];
    }),
  ]);
}

/** "412 ms (398 ms to 431 ms)". */
function figureText(unit: Unit, { value, low, high }: BaselineFigure): string {
  if (value === null) return "–";
  const end = (at: number | null): string => (at === null ? "?" : valueText(unit, at));
  return `${valueText(unit, value)} (${end(low)} to ${end(high)})`;
}
