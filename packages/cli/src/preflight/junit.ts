// A preflight as JUnit XML, which every CI shows: a test case a gate. A gate that fails is a failure, one that could not
// tell an error, one that does not apply is skipped.

import type { GateResult } from "@slipway/core";
import { figureText, limitText } from "./figure-text.ts";
import type { Flight } from "./run-preflight.ts";

export function junitReport({ model, from, to, startedAtMs, endedAtMs, results }: Flight): string {
  const count = (outcome: GateResult["outcome"]): number =>
    results.filter((result) => result.outcome === outcome).length;
  const suite = attributes({
    name: `preflight of ${model}: ${from.version} to ${to.version}`,
    tests: String(results.length),
    failures: String(count("fail")),
    errors: String(count("inconclusive")),
    skipped: String(count("not-applicable")),
    time: ((endedAtMs - startedAtMs) / 1_000).toFixed(3),
    timestamp: new Date(startedAtMs).toISOString(),
  });
  const cases = results.map((result) => caseOf(result, model));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite ${suite}>\n${cases.join("")}</testsuite>\n`;
}

const ELEMENTS: { readonly [outcome in GateResult["outcome"]]: string | null } = {
  pass: null,
  fail: "failure",
  inconclusive: "error",
  "not-applicable": "skipped",
};

function caseOf(result: GateResult, model: string): string {
  const { gate, outcome, because, figures } = result;
  const head = attributes({ classname: `preflight.${model}`, name: gate });
  const element = ELEMENTS[outcome];
  const told = element === null ? "" : `<${element} ${attributes({ message: because })}/>`;
  const lines = figures.map((figure) => {
    const name = figure.of === null ? figure.name : `${figure.name} (${figure.of})`;
    return [figure.holds === false ? "broken" : "", name, figureText(figure), limitText(figure)]
      .filter((part) => part !== "")
      .join("  ");
  });
  const out = [because, ...lines].map(escaped).join("\n");
  return `  <testcase ${head}>${told}<system-out>${out}</system-out></testcase>\n`;
}

function attributes(values: { readonly [name: string]: string }): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(" ");
}

/** XML 1.0 has no way at all to write most control characters. */
const UNWRITABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text
    .replace(UNWRITABLE, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
