// A rehearsal as a short story, many of them as a summary, and the catalogue as a list.

import { counted, durationText } from "@slipway/core";
import type { Ending } from "@slipway/simulator";
import { textColumns } from "../text/text-columns.ts";
import type { CatalogueEntry, RehearsalView, SeedsView } from "./rehearsal-view.ts";

export const EXPECTED: { readonly [ending in Ending]: string } = {
  stopped: "to be stopped before half of the users are on the candidate",
  "rolled-back": "to be rolled back, at whatever stage",
  completed: "to complete by itself",
  held: "to be held for a person, neither promoted nor rolled back",
};
const LABEL_WIDTH = 10;

export function catalogueText(scenarios: readonly CatalogueEntry[]): string {
  return scenarios
    .map(({ name, about, cause, expect }) => {
      const why = cause === "none" ? "no harm in it" : `cause: ${cause}`;
      return `${name}\n  ${about}\n  ${why}; ought ${EXPECTED[expect]}\n`;
    })
    .join("");
}

export function rehearsalText(view: RehearsalView): string {
  const { seed, decisions, harmed, requests } = view;
  return [
    headText(view, `seed ${seed}`),
    "\n",
    textColumns(
      decisions.map(({ atMs, what, because }) => [`  ${clockText(atMs)}`, what, because]),
    ),
    "\n",
    line("ended", endText(view)),
    line(
      "candidate",
      `${counted(requests, "request")}, ${harmed.toLocaleString("en-US")} harmed beyond what stable harms`,
    ),
    line("expected", EXPECTED[view.expect]),
    line("", view.asExpected ? "and so it came" : "it came otherwise"),
  ].join("");
}

function headText(view: RehearsalView | SeedsView, which: string): string {
  const { scenario, about, policy, traffic, hours } = view;
  const on = traffic === null ? "" : `, on the traffic of ${traffic}`;
  return `${scenario}: ${about}\n${which}, ${counted(hours, "hour")}, by ${policy}${on}; simulated on counts\n`;
}

function line(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}  ${text}\n`;
}

function percent(share: number): string {
  return `${Number(share.toFixed(2))}%`;
}

/** Hours and minutes since the start. */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

export function endText(view: RehearsalView): string {
  const { end, endMs, shareMaxPercent, guard, because } = view;
  const after = `after ${durationText(endMs)}`;
  switch (end) {
    case "completed":
      return `completed ${after}`;
    case "rolled-back":
      return `rolled back ${after}${guard === null ? "" : ` by ${guard}`}`;
    case "held":
      return `waits for a person ${after}, ${percent(shareMaxPercent)} at the most: ${because ?? ""}`;
    case "unfinished":
      return `not over ${after}, ${percent(shareMaxPercent)} at the most: ${because ?? "nobody decided"}`;
  }
}

export function seedsText(view: SeedsView): string {
  const { seeds, asExpected, ends, rolledBackMinutes, allUsersMinutes, harmed, requests } = view;
  const by = Object.entries(view.by)
    .sort(([, a], [, b]) => b - a)
    .map(([guard, n]) => `${guard} ${n}`);
  const ended = [
    [ends.completed, "completed"],
    [ends["rolled-back"], `rolled back (${by.join(", ")})`],
    [ends.held, "waiting for a person"],
    [ends.unfinished, "not over"],
  ].filter(([n]) => n !== 0);
  return [
    headText(view, counted(seeds, "seed")),
    "\n",
    ...ended.map(([n, what], index) => line(index === 0 ? "ended" : "", `${n} ${what}`)),
    spreadLine("taken back", rolledBackMinutes, "min"),
    spreadLine("last stage", allUsersMinutes, "min"),
    spreadLine("candidate", requests, "requests"),
    spreadLine("harmed", harmed, "requests"),
    line("expected", EXPECTED[view.expect]),
    line("", `so it came in ${asExpected} of ${seeds}${otherwiseText(view)}`),
  ].join("");
}

type Spread = SeedsView["harmed"];

function spreadLine(label: string, spread: Spread, unit: string): string {
  if (spread === null) return "";
  const { median, p90 } = spread;
  const text = (value: number): string => value.toLocaleString("en-US");
  return line(label, `${text(median)} ${unit} in the median, ${text(p90)} in the 90th percentile`);
}

const NAMED_MAX = 5;

function otherwiseText({ otherwise }: SeedsView): string {
  if (otherwise.length === 0) return "";
  const more = otherwise.length > NAMED_MAX ? ", …" : "";
  return `; not with seed ${otherwise.slice(0, NAMED_MAX).join(", ")}${more}`;
}
