// A draft of an incident's postmortem in Markdown: what the incident says is filled in with its numbers, and what only
// people can say is marked, with a question. It speaks of versions, guards and roles, and of no person.

import { utcText } from "../freeze/civil-time.ts";
import { counted, durationText, percentText } from "../quantity.ts";
import { type Analysis, NO_CAUSE } from "./causes/analysis.ts";
import type { Opening } from "./episode.ts";
import type { Counts, Impact } from "./impact.ts";
import { harmedIn, type Incident, requestsIn } from "./incident.ts";
import {
  ACTION_TYPES,
  ACTIONS_HEAD,
  HEAD_FIELDS,
  SECTIONS,
  type Section,
  type SectionName,
  TO_WRITE,
} from "./postmortem-sections.ts";
import { GRADES } from "./severity.ts";
import type { TimelineItem } from "./timeline.ts";

/** `analysis`: of its causes; null where it is not known. */
export function postmortemDraft(incident: Incident, analysis: Analysis | null): string {
  const sections = SECTIONS.map((section) => sectionText(incident, analysis, section));
  return `${headText(incident)}\n${sections.join("\n")}`;
}

function headText({ id, model, from, to, severity, status, openedAtMs }: Incident): string {
  const rows = [
    ["Incident", id],
    ["Date", utcText(openedAtMs)],
    ["Severity", severity],
    ["Status", `draft; the incident is ${status}`],
    ...HEAD_FIELDS.map((field) => [
      field,
      `${TO_WRITE} ${field === "Review" ? "when, within five business days?" : "who, by role?"}`,
    ]),
  ];
  return `# Postmortem: ${model}, ${from} to ${to}\n\n${tableText(["", ""], rows)}`;
}

function sectionText(
  incident: Incident,
  analysis: Analysis | null,
  { name, question }: Section,
): string {
  const causes = name === "Root causes" && analysis !== null ? causesParts(analysis) : [];
  const filled = FILLED[name]?.(incident) ?? causes;
  const asked = question === null ? [] : [`> ${TO_WRITE} ${question}`];
  return `## ${name}\n\n${[...filled, ...asked].join("\n\n")}\n`;
}

type Fill = (incident: Incident) => readonly string[];

const FILLED: { readonly [name in SectionName]?: Fill } = {
  Summary: (incident) => [summaryText(incident)],
  Leadup: ({ timeline, opening }) => [
    listText(timeline.filter((item) => item.sequence !== null && item.sequence < opening.sequence)),
  ],
  Trigger: (incident) => [triggerText(incident)],
  Fault: ({ opening }) => [`What was measured: ${oneLine(opening.because.text)}.`],
  Impact: impactParts,
  Detection: (incident) => [detectionText(incident)],
  Response: ({ opening, timeline }) => [
    respondedText(opening),
    listText(
      timeline.filter(
        ({ sequence, who }) =>
          who === "operator" && sequence !== null && sequence > opening.sequence,
      ),
      "No operator's command followed.",
    ),
  ],
  Recovery: (incident) => [recoveryText(incident)],
  Timeline: ({ timeline }) => [
    tableText(
      ["Time (UTC)", "Who", "What", "Why"],
      timeline.map(({ atMs, who, what, why }) => [secondText(atMs), who, what, why]),
    ).trimEnd(),
  ],
  "What went well": ({ impact }) =>
    impact.candidate.spared === 0
      ? []
      : [`Replay to stable hid ${counted(impact.candidate.spared, "failure")} from users.`],
  Actions: () => [
    `${ACTIONS_HEAD}\n|---|---|---|---|---|\n|  |  |  |  |  |`,
    `Types: ${ACTION_TYPES.join(", ")}.`,
  ],
  "Supporting information": ({ rolloutId, opening }) => [
    [
      `- \`slipway rollout history ${rolloutId}\`: the whole journal`,
      `- \`slipway rollout explain ${rolloutId}\`: the decision with every count; \`--at ${isoText(opening.atMs)}\` as it was when the incident opened`,
      `- \`slipway incident show ${rolloutId}-${opening.sequence} --json\`: what this draft is made of`,
    ].join("\n"),
  ],
};

/** Hypotheses that are told; the rest is in the analysis. */
const CAUSES_TOLD = 3;

function causesParts({ hypotheses, untested, incidentId }: Analysis): readonly string[] {
  const told = hypotheses.slice(0, CAUSES_TOLD).map(({ cause, share, text }) => {
    return `1. ${cause} (${percentText(share)} of the harm): ${oneLine(text)}.`;
  });
  const open = untested.map(({ cause, why }) => `${cause} (${why})`).join("; ");
  return [
    told.length === 0
      ? `By the evidence ${NO_CAUSE}.`
      : `By the evidence, the likeliest first; \`slipway incident analyze ${incidentId}\` has the counts:`,
    ...(told.length === 0 ? [] : [told.join("\n")]),
    ...(open === "" ? [] : [`Not tested: ${open}.`]),
  ];
}

function respondedText({ kind, because, by }: Opening): string {
  if (by !== null) return "An operator decided.";
  const paged = because.page === true ? " A person was paged." : "";
  if (kind === "page") return `Slipway moved nobody by itself.${paged}`;
  if (kind === "observed") return "Slipway only observed, and moved nobody by itself.";
  return `Slipway moved users back by its policy.${paged}`;
}

const KINDS: { readonly [kind in Incident["opening"]["kind"]]: string } = {
  "roll-back": "was rolled back",
  "step-back": "was taken back a stage",
  trip: "was left by a gateway worker at once, and rolled back",
  page: "was held, and a person was paged",
  observed: "would have been moved back, and was only observed",
};

function summaryText(incident: Incident): string {
  const { model, from, to, opening } = incident;
  return [
    `On ${utcText(opening.atMs)} the rollout of ${to} in place of ${from} for ${model} ${KINDS[opening.kind]} at ${shareText(opening.percent)} of users.`,
    harmText(incident),
    lastedText(incident),
  ].join(" ");
}

function harmText({ impact, severity }: Incident): string {
  const harmed = harmedIn(impact);
  if (harmed === 0) return `No harm to users was measured${unseenText(impact)}.`;
  const share = percentText(harmed / Math.max(1, requestsIn(impact)));
  const of = requestsIn(impact).toLocaleString("en-US");
  const than = impact.against === "before" ? "what was usual before" : "what stable had";
  const whose = impact.against === "before" ? "both versions" : "the candidate";
  return `Of the model's ${of} requests ${harmed.toLocaleString("en-US")} (${share}) were harmed, which is ${severity}: on ${whose}, beyond ${than}, ${kindsText(impact)}.`;
}

function unseenText({ candidate }: Impact): string {
  const { spared } = candidate;
  return spared === 0 ? "" : `: replay to stable hid ${counted(spared, "failure")}`;
}

/** "40 failed, of which replay hid 12, and 208 took over 800 ms". */
function kindsText({ candidate, stable, slowerThanMs }: Impact): string {
  const arms = [candidate.beyond, stable.beyond];
  const sum = (of: "failed" | "slow" | "unanswered"): number =>
    arms.reduce((total, beyond) => total + (beyond?.[of] ?? 0), 0);
  const said = (n: number, what: string): readonly string[] =>
    n === 0 ? [] : [`${n.toLocaleString("en-US")} ${what}`];
  const { spared } = candidate;
  const hidden = spared === 0 ? "" : `, of which replay hid ${spared.toLocaleString("en-US")}`;
  const kinds = [
    ...said(sum("failed"), `failed${hidden}`),
    ...said(sum("slow"), `took over ${durationText(slowerThanMs ?? 0)}`),
    ...said(sum("unanswered"), "were refused, empty or cut off"),
  ];
  return kinds.join("; ");
}

function lastedText({ began, detectedAtMs, mitigated, openedAtMs }: Incident): string {
  const start = began?.atMs ?? null;
  const detected =
    start === null
      ? "The counts do not show when it began."
      : `It was detected ${durationText(Math.max(0, detectedAtMs - start))} after it began.`;
  if (mitigated === null) return `${detected} It is not mitigated yet.`;
  const since = start ?? openedAtMs;
  return `${detected} It was mitigated ${durationText(Math.max(0, mitigated.atMs - since))} after it ${start === null ? "opened" : "began"}.`;
}

function triggerText({ trigger }: Incident): string {
  if (trigger === null) return "The candidate had got no more users before it.";
  const { atMs, what, delayMs } = trigger;
  const when = `The candidate last got more users at ${secondText(atMs)}: ${what}.`;
  if (delayMs === null) return when;
  return delayMs < 0
    ? `${when} The harm shows before that already.`
    : `${when} The harm shows from ${durationText(delayMs)} after that on.`;
}

function impactParts({ impact, severity }: Incident): readonly string[] {
  const { fromMs, toMs, ticks, missing, isComplete } = impact;
  const gaps = [
    ...(isComplete ? [] : ["evidence up to its end has not come yet"]),
    ...(missing.length === 0 ? [] : [`some of ${missing.join(", ")}'s is missing`]),
  ];
  return [
    `From ${secondText(fromMs)} to ${secondText(toMs)} (${durationText(toMs - fromMs)}), counted in ${counted(ticks, "tick")}${gaps.length === 0 ? "" : `; ${gaps.join("; ")}`}.`,
    tableText(IMPACT_HEAD, [
      rowOf("candidate", impact.candidate),
      rowOf("stable", impact.stable),
      ...told(impact.segments).map((one) => rowOf(`in ${one.segment}`, one)),
    ]).trimEnd(),
    legendText(impact),
    `Severity: ${severity}. ${GRADES_TEXT}`,
  ];
}

/** One alone says what its arm says. */
function told(segments: Impact["segments"]): Impact["segments"] {
  return segments.length < 2 ? [] : segments;
}

const GRADES_TEXT: string = GRADES.filter(({ harmedMin }) => harmedMin > 0)
  .map(({ severity, harmedMin, shareMin }, index) => {
    const share = shareMin === 0 ? "" : ` that are ${percentText(shareMin)} of the model's`;
    return `${index === 0 ? "It is " : ""}${severity} from ${counted(harmedMin, "harmed request")}${share} on`;
  })
  .join(", ")
  .concat(".");

const IMPACT_HEAD = [
  "",
  "Requests",
  "Users",
  "Failed",
  "Hidden by replay",
  "Slow",
  "Unanswered",
  "Harmed",
  "Tokens out",
  "Minutes",
];

function rowOf(name: string, counts: Counts): readonly string[] {
  const { requests, users, failed, spared, slow, unanswered, beyond, tokens, exposedMs } = counts;
  const number = (n: number): string => n.toLocaleString("en-US");
  const more = (n: number | null | undefined): string =>
    typeof n === "number" ? ` (+${number(n)})` : "";
  return [
    name,
    number(requests),
    number(users),
    `${number(failed)}${more(beyond?.failed)}`,
    number(spared),
    slow === null ? "–" : `${number(slow)}${more(beyond?.slow)}`,
    `${number(unanswered)}${more(beyond?.unanswered)}`,
    beyond === null ? "–" : number(beyond.harmed),
    number(tokens.output),
    String(Math.round(exposedMs / 600) / 100),
  ];
}

function legendText({ slowerThanMs, usersError, against }: Impact): string {
  const than =
    against === "before"
      ? "what was usual before"
      : "what stable's rate at the same time would have made";
  const slow = slowerThanMs === null ? "" : ` Slow: over ${durationText(slowerThanMs)}.`;
  return `In brackets: beyond ${than}. Harmed: what users saw of it.${slow} Users are estimated, within ${percentText(usersError)}.`;
}

function detectionText({ began, detectedAtMs, openedAtMs, opening }: Incident): string {
  const began1 =
    began === null
      ? "When it began is not told by the counts."
      : `It began at ${secondText(began.atMs)}, as estimated: ${began.text}.`;
  const by =
    opening.by !== null
      ? "by an operator"
      : opening.because.guard === undefined
        ? "by Slipway"
        : `by the guard ${opening.because.guard}`;
  const acted =
    openedAtMs > detectedAtMs
      ? ` It was acted on ${durationText(openedAtMs - detectedAtMs)} later.`
      : "";
  return `${began1} It was detected at ${secondText(detectedAtMs)} ${by}.${acted}`;
}

const HOW = {
  "rolled-back": "every gateway worker had confirmed that nobody goes to the candidate",
  "stepped-back": "every gateway worker had confirmed the smaller share",
  recovered: "what had opened it was seen no more, without a move",
  "went-on": "the rollout was moved forwards by command",
} as const;

function recoveryText({ mitigated }: Incident): string {
  if (mitigated === null) return "It is not mitigated yet.";
  const { atMs, how, confirmMs, expired } = mitigated;
  const took = confirmMs === null ? "" : ` That took ${durationText(confirmMs)} from the decision.`;
  const unreached =
    expired.length === 0 ? "" : ` Not reached until their lease expired: ${expired.join(", ")}.`;
  return `Mitigated at ${secondText(atMs)}: ${HOW[how]}.${took}${unreached}`;
}

function listText(items: readonly TimelineItem[], none: string = "Nothing."): string {
  if (items.length === 0) return none;
  return items
    .map(({ atMs, what, why }) => `- ${secondText(atMs)}: ${what}: ${oneLine(why)}`)
    .join("\n");
}

function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(" | ")} |\n`;
  return `${line(head)}|${"---|".repeat(head.length)}\n${rows.map(line).join("")}`;
}

function cellText(text: string): string {
  return oneLine(text).replaceAll("|", "\\|");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function shareText(percent: number): string {
  return percentText(percent / 100);
}

/** 2026-01-15 09:30:07. */
export function secondText(ms: number): string {
  const second = Math.floor(ms / 1_000) % 60;
  return `${utcText(ms).slice(0, -" UTC".length)}:${String(second).padStart(2, "0")}`;
}

function isoText(ms: number): string {
  const fraction = String(ms % 1_000).padStart(3, "0");
  return `${secondText(ms).replace(" ", "T")}.${fraction}Z`;
}
