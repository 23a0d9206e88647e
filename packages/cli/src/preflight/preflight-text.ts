// A preflight as text for people: a verdict a gate, with the numbers behind it.

import type { GateResult } from "@slipway/core";
import { textColumns } from "../text/text-columns.ts";
import { figureText, limitText, shownFigures } from "./figure-text.ts";
import { differencesIn, lessonLines, outcomeLine, tailIn } from "./outcome-text.ts";
import { OUTCOME_WORDS } from "./outcome-words.ts";
import type { Flight } from "./run-preflight.ts";

const DIFFERENCES_MAX = 8;

export function preflightText({ model, from, to, results }: Flight): string {
  const gates = results.map(gateText);
  const head = `${model}: ${from.version} → ${to.version}`;
  return `${head}\n\n${gates.join("\n")}\n${outcomeLine(results)}\n`;
}

function gateText(result: GateResult): string {
  const { gate, outcome, because } = result;
  const { shown, more } = shownFigures(result);
  const rows = shown.map((figure) => [
    figure.holds === false ? "    ✗" : "     ",
    figure.of === null ? figure.name : `${figure.name} (${figure.of})`,
    figureText(figure),
    limitText(figure),
  ]);
  return [
    `  ${gate}: ${OUTCOME_WORDS[outcome]}: ${because}\n`,
    textColumns(rows),
    restText(more, "figure"),
    ...lessonLines(result).map((line) => `      ${line}\n`),
    differencesText(result),
    ...tailIn(result).map((line) => `      | ${line}\n`),
  ].join("");
}

function differencesText(result: GateResult): string {
  const all = differencesIn(result);
  if (all.length === 0) return "";
  const rows = all.slice(0, DIFFERENCES_MAX).map(({ of, what }) => ["     ", of, what]);
  return `    what differs, the worst first\n${textColumns(rows)}${restText(all.length - rows.length, "difference")}`;
}

function restText(more: number, noun: string): string {
  return more > 0
    ? `      and ${more} more ${noun}${more === 1 ? "" : "s"}; --report json has them all\n`
    : "";
}
