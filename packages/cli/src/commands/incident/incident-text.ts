// An incident as a person reads it in a terminal: what it is, when what happened, what it did to whom, and the timeline.

import {
  type Counts,
  curatedTimeline,
  durationText,
  harmedIn,
  type Impact,
  type Incident,
  percentText,
  requestsIn,
  secondText,
} from "@slipway/core";
import { textColumns } from "../../text/text-columns.ts";
import { harmedText } from "./incidents-text.ts";
import { publicationText } from "./publication-text.ts";
import type { Said } from "./read-incident.ts";
import { timelineText } from "./timeline-text.ts";

export function incidentText(incident: Incident, said: Said, isAll: boolean): string {
  const { id, severity, status, model, from, to, rolloutId, impact } = incident;
  const all = { harmed: harmedIn(impact), requests: requestsIn(impact) };
  return [
    `incident ${id}: ${severity}, ${status}\n`,
    `  ${model} from ${from} to ${to}, rollout ${rolloutId}\n`,
    `  harmed: ${harmedText(all)} of the model's\n\n`,
    indented(textColumns(momentsOf(incident))),
    `  ${openingText(incident)}\n`,
    "\nimpact\n",
    indented(textColumns(impactRows(impact))),
    indented(legend(impact)),
    "\ntimeline (UTC)\n",
    indented(timelineText(curatedTimeline(incident.timeline, said.remarks), isAll)),
    ...(said.publication === null
      ? []
      : ["\nin public\n", indented(publicationText(said.publication))]),
    `\ndraft its postmortem: slipway incident postmortem ${id} --out ${id}.md\n`,
  ].join("");
}

function momentsOf(incident: Incident): readonly (readonly string[])[] {
  const { began, detectedAtMs, openedAtMs, mitigated } = incident;
  const since = (ms: number): string =>
    began === null || ms < began.atMs ? "" : `${durationText(ms - began.atMs)} after it began`;
  return [
    began === null
      ? ["began", "–", "the counts do not show when"]
      : ["began", secondText(began.atMs), "estimated, to the tick"],
    ["detected", secondText(detectedAtMs), since(detectedAtMs)],
    ["opened", secondText(openedAtMs), since(openedAtMs)],
    mitigated === null
      ? ["mitigated", "–", "not yet"]
      : [
          "mitigated",
          secondText(mitigated.atMs),
          [since(mitigated.atMs), mitigated.how].filter((text) => text !== "").join(", "),
        ],
  ];
}

function openingText({ opening }: Incident): string {
  const { kind, percent, because, by } = opening;
  const who = by === null ? "" : ` (${by})`;
  return `${kind} at ${percentText(percent / 100)} of users: ${because.text}${who}`;
}

/** One segment alone says what its arm says. */
function impactRows({ candidate, stable, segments }: Impact): readonly (readonly string[])[] {
  return [
    [
      "",
      "requests",
      "users",
      "failed",
      "hidden",
      "slow",
      "unanswered",
      "harmed",
      "tokens out",
      "minutes",
    ],
    countsRow("candidate", candidate),
    countsRow("stable", stable),
    ...(segments.length < 2 ? [] : segments).map((one) => countsRow(`in ${one.segment}`, one)),
  ];
}

function countsRow(name: string, counts: Counts): readonly string[] {
  const { requests, users, failed, spared, slow, unanswered, tokens, exposedMs, beyond } = counts;
  return [
    name,
    number(requests),
    number(users),
    number(failed) + more(beyond?.failed),
    number(spared),
    slow === null ? "–" : number(slow) + more(beyond?.slow),
    number(unanswered) + more(beyond?.unanswered),
    beyond === null ? "–" : number(beyond.harmed),
    number(tokens.output),
    String(Math.round(exposedMs / 600) / 100),
  ];
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}

function more(n: number | null | undefined): string {
  return typeof n === "number" ? ` (+${number(n)})` : "";
}

function legend(impact: Impact): string {
  const { against, slowerThanMs, usersError, isComplete, missing, fromMs, toMs } = impact;
  const than = against === "before" ? "usual before it began" : "stable's at the same time";
  const lines = [
    `over ${durationText(toMs - fromMs)}; (+n): beyond ${than}; hidden: by replay; users within ${percentText(usersError)}`,
    ...(slowerThanMs === null ? [] : [`slow: over ${durationText(slowerThanMs)}`]),
    ...(isComplete ? [] : ["evidence up to its end has not come yet: numbers may grow"]),
    ...(missing.length === 0 ? [] : [`some evidence is missing, of ${missing.join(", ")}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
