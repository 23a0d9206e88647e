// The report of a rehearsal: one page of HTML that needs nothing else, with its charts, its decisions and its numbers.

import { durationText, type Policy, percentText } from "@slipway/core";
import type { SeriesPoint } from "@slipway/simulator";
import { element, type Markup, together } from "@slipway/status";
import { clockText, EXPECTED, endText } from "../simulate/rehearsal-text.ts";
import type { RehearsalView, Told } from "../simulate/rehearsal-view.ts";
import { type Band, type Chart, chartSvg, type Mark } from "./chart.ts";
import {
  type Course,
  errorChart,
  guardCharts,
  latencyChart,
  silentGuards,
  trafficChart,
} from "./course-charts.ts";
import { type ArmFigures, type Figures, figuresOf } from "./figures.ts";
import { STYLE } from "./style.ts";

const WIDE = { width: 1_000, points: 80 };
const NARROW = { width: 360, points: 40 };
const ROWS = 40;

export function rehearsalReport(
  view: RehearsalView,
  series: readonly SeriesPoint[],
  policy: Policy,
): string {
  const body = element(
    "main",
    {},
    ...headOf(view),
    ...chartsOf(view, series, policy),
    decisionsOf(view),
    numbersOf(figuresOf(series, ROWS)),
  );
  const title = element("title", {}, `Rehearsal: ${view.scenario}`);
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    `${title.html}\n<style>${STYLE}</style>\n</head>\n<body>\n${body.html}\n</body>\n</html>\n`,
  ].join("");
}

function headOf(view: RehearsalView): readonly Markup[] {
  const { scenario, about, policy, traffic, hours, seed, asExpected, requests, harmed } = view;
  const on = traffic === null ? "" : `, on the traffic of ${traffic}`;
  const verdict = asExpected ? "and so it came" : "it came otherwise";
  const look = asExpected ? "verdict" : "verdict otherwise";
  const facts: readonly (readonly [string, string])[] = [
    ["Users on the candidate, at most", `${view.shareMaxPercent}%`],
    ["Requests of the candidate", requests.toLocaleString("en-US")],
    ["Harmed beyond stable's", harmed.toLocaleString("en-US")],
    ["Decisions", String(view.decisions.length)],
  ];
  return [
    element("h1", {}, scenario),
    element("p", {}, about),
    element(
      "p",
      { class: "quiet" },
      `A rehearsal, simulated on counts: seed ${seed}, at most ${hours} h, by ${policy}${on}.`,
    ),
    element(
      "p",
      { class: look },
      `${capital(endText(view))}. Expected: ${EXPECTED[view.expect]}; ${verdict}.`,
    ),
    element(
      "dl",
      {},
      ...facts.map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, value)),
      ),
    ),
  ];
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function chartsOf(
  view: RehearsalView,
  series: readonly SeriesPoint[],
  policy: Policy,
): readonly Markup[] {
  const courseAt = (points: number): Course => ({
    figures: figuresOf(series, points),
    untilMs: view.endMs,
    bands: bandsOf(view),
    marks: marksOf(view.decisions),
    policy,
  });
  const [wide, narrow] = [courseAt(WIDE.points), courseAt(NARROW.points)];
  const figure = (of: (course: Course) => Chart | undefined): Markup =>
    element("figure", {}, ...drawn(of(wide), "wide"), ...drawn(of(narrow), "narrow"));
  const silent = silentGuards(wide);
  return [
    element("h2", {}, "Requests a minute"),
    legend([
      ["stable", "stable"],
      ["candidate", "candidate"],
    ]),
    figure(trafficChart),
    element("h2", {}, "Latency of whole answers"),
    legend([
      ["stable", "stable, P99"],
      ["stable median", "stable, P50"],
      ["candidate", "candidate, P99"],
      ["candidate median", "candidate, P50"],
    ]),
    figure(latencyChart),
    element("h2", {}, "Share of requests that failed"),
    legend([
      ["stable", "stable"],
      ["candidate", "candidate"],
    ]),
    figure(errorChart),
    element("h2", {}, "Evidence of each guard"),
    element(
      "p",
      { class: "quiet" },
      "E-values on a logarithmic scale: an innocent candidate seldom brings one to the alarm. Thresholds are drawn as what they measured.",
    ),
    ...guardCharts(wide).flatMap(({ title }) => [
      element("h3", {}, title),
      figure((course) => guardCharts(course).find((chart) => chart.title === title)),
    ]),
    ...(silent.length === 0
      ? []
      : [element("p", { class: "quiet" }, `Had nothing to compare: ${silent.join(", ")}.`)]),
  ];
}

function drawn(chart: Chart | undefined, size: "wide" | "narrow"): readonly Markup[] {
  if (chart === undefined) return [];
  const { html } = chartSvg(chart, size === "wide" ? WIDE.width : NARROW.width);
  return [{ html: html.replace("<svg", `<svg class="${size}"`) }];
}

function legend(entries: readonly (readonly [look: string, name: string])[]): Markup {
  const sample = (look: string): Markup =>
    element(
      "svg",
      { viewBox: "0 0 28 8", "aria-hidden": "true" },
      element("path", { d: "M0 4L28 4", class: `line ${look}` }),
    );
  return element(
    "ul",
    { class: "legend" },
    ...entries.map(([look, name]) => element("li", {}, sample(look), name)),
  );
}

/** What is told, and leaves users where they are. */
const CALLS: ReadonlySet<string> = new Set(["asks", "pages"]);

/** From each decision to the next, named by the share of users on the candidate. */
function bandsOf({ decisions, endMs }: RehearsalView): readonly Band[] {
  const moves = decisions.filter(({ what }) => !CALLS.has(what));
  return moves.flatMap(({ atMs, sharePercent, what }, index) => {
    const untilMs = moves[index + 1]?.atMs ?? endMs;
    const name = what === "bake began" ? "bake" : `${Number(sharePercent.toFixed(2))}%`;
    return untilMs > atMs ? [{ fromMs: atMs, untilMs, name }] : [];
  });
}

function marksOf(decisions: readonly Told[]): readonly Mark[] {
  return decisions.map(({ atMs, what, because }, index) => ({
    atMs,
    number: index + 1,
    text: `${index + 1}. ${clockText(atMs)} ${what}: ${because}`,
  }));
}

function decisionsOf({ decisions }: RehearsalView): Markup {
  const rows = decisions.map(({ atMs, what, because }, index) =>
    element(
      "tr",
      {},
      element("td", { class: "number" }, String(index + 1)),
      element("td", {}, clockText(atMs)),
      element("td", {}, what),
      element("td", { class: "sentence" }, because),
    ),
  );
  return together(
    element("h2", {}, "Decisions"),
    tableOf(["", "at", "did", "because"], rows, "Decisions, numbered as in the charts"),
  );
}

function numbersOf(figures: readonly Figures[]): Markup {
  const head = ["from", "users", ...["stable", "candidate"].flatMap(columnsOf)];
  const rows = figures.map((one) =>
    element(
      "tr",
      {},
      element("td", {}, clockText(one.fromMs)),
      ...[
        `${Number(one.share.toFixed(2))}%`,
        ...cellsOf(one.stable),
        ...cellsOf(one.candidate),
      ].map((cell) => element("td", { class: "number" }, cell)),
    ),
  );
  return element(
    "details",
    {},
    element("summary", {}, "The numbers of the charts as a table"),
    tableOf(head, rows, "Both arms over time"),
  );
}

function columnsOf(arm: string): readonly string[] {
  return [`${arm}: requests`, "failed", "P50", "P99"];
}

function cellsOf({ requests, errorShare, p50Ms, p99Ms }: ArmFigures): readonly string[] {
  const time = (ms: number | null): string => (ms === null ? "–" : durationText(ms));
  const failed = errorShare === null ? "–" : percentText(errorShare);
  return [requests.toLocaleString("en-US"), failed, time(p50Ms), time(p99Ms)];
}

function tableOf(head: readonly string[], rows: readonly Markup[], caption: string): Markup {
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name))),
      ),
      element("tbody", {}, ...rows),
    ),
  );
}
