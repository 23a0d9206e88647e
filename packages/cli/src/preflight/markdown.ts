// A preflight as Markdown: a comment on the change that it is of.

import type { GateOutcome, GateResult } from "@slipway/core";
import { figureText, limitText, shownFigures } from "./figure-text.ts";
import { differencesIn, lessonLines, outcomeLine, tailIn } from "./outcome-text.ts";
import { OUTCOME_WORDS } from "./outcome-words.ts";
import type { Flight } from "./run-preflight.ts";

const DIFFERENCES_MAX = 20;
const SIGNS: { readonly [outcome in GateOutcome]: string } = {
  pass: "✅",
  fail: "❌",
  inconclusive: "⚠️",
  "not-applicable": "➖",
};

export function markdownReport({ model, from, to, endedAtMs, results }: Flight): string {
  const head = `### ${cell(model)}: ${cell(from.version)} → ${cell(to.version)}`;
  const rows = results.map(
    ({ gate, outcome, because }) =>
      `| ${gate} | ${SIGNS[outcome]} ${OUTCOME_WORDS[outcome]} | ${cell(because)} |`,
  );
  const seen = [from, to].map(
    ({ version, fingerprint }) => `${cell(version)} \`${fingerprint.slice(0, 12)}\``,
  );
  return [
    `${head}\n\n**${outcomeLine(results)}**\n`,
    ["| Gate | | Because |", "|---|---|---|", ...rows].join("\n"),
    ...results.flatMap(detailsOf),
    `\n<sub>${seen.join(" → ")}, ${new Date(endedAtMs).toISOString()}</sub>\n`,
  ].join("\n");
}

function detailsOf(result: GateResult): readonly string[] {
  const { shown, more } = shownFigures(result);
  const differences = differencesIn(result);
  const tail = tailIn(result);
  const lessons = lessonLines(result);
  if (shown.length + differences.length + tail.length + lessons.length === 0) return [];
  const figures = shown.map((figure) => {
    const name = figure.of === null ? figure.name : `${figure.name} (${figure.of})`;
    return `| ${figure.holds === false ? "❌" : ""} | ${cell(name)} | ${figureText(figure)} | ${limitText(figure)} |`;
  });
  const listed = differences
    .slice(0, DIFFERENCES_MAX)
    .map(({ of, what }) => `| ${cell(of)} | ${cell(what)} |`);
  const left = differences.length - listed.length;
  return [
    `\n<details><summary>${result.gate}</summary>\n`,
    ...(figures.length === 0 ? [] : ["| | Figure | Value | |", "|---|---|---|---|", ...figures]),
    ...(more > 0 ? [`\n${more} more figures are in the JSON report.`] : []),
    ...(lessons.length === 0 ? [] : ["", ...lessons.map((line) => `- ${cell(line)}`)]),
    ...(listed.length === 0
      ? []
      : ["\n| What differs, the worst first | |", "|---|---|", ...listed]),
    ...(left > 0 ? [`\n${left} more are in the JSON report.`] : []),
    // Indented, since no fence is longer than all that a program may write.
    ...(tail.length === 0 ? [] : ["", ...tail.map((line) => `    ${line}`)]),
    "\n</details>",
  ];
}

/** Text in a cell: what models and commands say must not end the table, or become a tag. */
function cell(text: string): string {
  return text
    .replace(/[\r\n]+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("|", "\\|");
}
