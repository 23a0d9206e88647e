// A preflight as text for people: a verdict a gate, with the numbers behind it.

import { counted, type GateOutcome, type GateResult, preflightOutcome } from "@slipway/core";
import { textColumns } from "../text-columns.ts";
import { figureText, limitText } from "./figure-text.ts";
import type { Flight } from "./run-preflight.ts";

const WORDS: { readonly [outcome in GateOutcome]: string } = {
  pass: "pass",
  fail: "FAIL",
  inconclusive: "cannot tell",
  "not-applicable": "does not apply",
};

/** Figures of one prompt or tag are many: the worst are shown. */
const PARTS_MAX = 10;

export function preflightText({ model, from, to, results }: Flight): string {
  const gates = results.map(gateText);
  const outcome = preflightOutcome(results);
  const last =
    outcome === "pass"
      ? `preflight passed: ${counted(results.length, "gate")}`
      : `preflight ${outcome === "fail" ? "failed" : "could not tell"}: ${namesOf(results, outcome)}`;
  return `${model}: ${from.version} → ${to.version}\n\n${gates.join("\n")}\n${last}\n`;
}

function namesOf(results: readonly GateResult[], outcome: GateOutcome): string {
  const names = results.filter((result) => result.outcome === outcome).map(({ gate }) => gate);
  return names.length === 0 ? "no gate applied" : names.join(", ");
}

function gateText({ gate, outcome, because, figures }: GateResult): string {
  const broken = (holds: boolean | null): number => (holds === false ? 0 : 1);
  const whole = figures.filter((figure) => figure.of === null);
  const parts = figures
    .filter((figure) => figure.of !== null)
    .toSorted((a, b) => broken(a.holds) - broken(b.holds));
  const rows = [...whole, ...parts.slice(0, PARTS_MAX)].map((figure) => [
    figure.holds === false ? "    ✗" : "     ",
    figure.of === null ? figure.name : `${figure.name} (${figure.of})`,
    figureText(figure),
    limitText(figure),
  ]);
  const more = parts.length - PARTS_MAX;
  const rest = more > 0 ? `      and ${more} more; --json has them all\n` : "";
  return `  ${gate}: ${WORDS[outcome]}: ${because}\n${textColumns(rows)}${rest}`;
}
