// An analysis as a person reads it in a terminal: the hypotheses with their shares, the counts of the first, and what could
// not be tested.

import {
  type Analysis,
  type CauseData,
  counted,
  type Hypothesis,
  NO_CAUSE,
  percentText,
  secondText,
} from "@slipway/core";
import { textColumns } from "../../text/text-columns.ts";

export function analysisText(analysis: Analysis): string {
  const { incidentId, hypotheses, rejected, untested } = analysis;
  const [first] = hypotheses;
  return [
    `what was behind incident ${incidentId}\n`,
    `  harm: ${harmText(analysis)}\n\n`,
    ...(first === undefined ? [`  ${NO_CAUSE}\n`] : hypotheses.map(hypothesisText)),
    ...(first === undefined
      ? []
      : [`\ncounts of ${first.cause}\n`, indented(dataText(first.data))]),
    ...(rejected.length === 0
      ? []
      : [
          `\ntested, with next to nothing to show: ${rejected.map(({ cause }) => cause).join(", ")}\n`,
        ]),
    ...(untested.length === 0
      ? []
      : ["\nnot tested\n", indented(textColumns(untested.map(({ cause, why }) => [cause, why])))]),
  ].join("");
}

function harmText({ harm }: Analysis): string {
  if (harm.kinds.length === 0) return "none that stands out from chance";
  const kinds = harm.kinds.map(
    ({ kind, segment, candidate, expected }) =>
      `${kind}${segment === null ? "" : ` in ${segment}`} ${candidate.bad.toLocaleString("en-US")} of ${candidate.n.toLocaleString("en-US")}, expected ${Math.round(expected).toLocaleString("en-US")}`,
  );
  const noun = harm.family === "labels" ? "report" : "request";
  return `${counted(Math.round(harm.total), noun)} beyond what there would have been (${kinds.join("; ")})`;
}

function hypothesisText({ cause, score, share, text }: Hypothesis, index: number): string {
  const rank = `${index + 1}.`.padStart(4);
  return `${rank} ${cause}: ${percentText(share)} of the harm, score ${score.toFixed(2)}\n     ${text}\n`;
}

/** Evenly thinned where there are more. */
const ROWS_MAX = 16;

function dataText({ head, rows }: CauseData): string {
  const every = Math.ceil(rows.length / ROWS_MAX);
  const shown = rows.filter((_, index) => index % every === 0 || index === rows.length - 1);
  const isTime = head.map((name) => name.endsWith(", ms") && name.startsWith("at"));
  const names = head.map((name, column) => (isTime[column] === true ? "at (UTC)" : name));
  const cells = shown.map((row) =>
    row.map((cell, column) =>
      isTime[column] === true && typeof cell === "number"
        ? secondText(cell).slice(-"00:00:00".length)
        : cell === null
          ? "–"
          : typeof cell === "number"
            ? cell.toLocaleString("en-US")
            : cell,
    ),
  );
  return textColumns([names, ...cells]);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
