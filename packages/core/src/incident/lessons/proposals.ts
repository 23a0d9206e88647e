// What an incident teaches: changes that would have met it sooner, or with fewer users, derived from what opened it and from
// what was behind it. Guards and stages can be tried on what was recorded; gates, and what they ask (gate-proposals.ts), look
// at what no rollout sees.

import { type EventName, type Guard, type SequentialGuard, turnsBack } from "../../guards/guard.ts";
import { metricName } from "../../guards/metric-text.ts";
import type { Policy } from "../../policy.ts";
import { percentText, ratioText } from "../../quantity.ts";
import type { Stage } from "../../stage.ts";
import type { Analysis } from "../causes/analysis.ts";
import type { CauseName, Hypothesis } from "../causes/hypothesis.ts";
import type { Incident } from "../incident.ts";
import { gateProposals } from "./gate-proposals.ts";
import { type LessonProposal, stageText } from "./lesson.ts";

export const PROPOSALS_MAX = 8;

export function proposalsOf(
  incident: Incident,
  analysis: Analysis,
  policy: Policy,
): readonly LessonProposal[] {
  const [first] = analysis.hypotheses;
  const named = analysis.hypotheses.slice(0, 3);
  const all = [
    ...tighter(incident, policy),
    ...named.flatMap((one) => ofKind(one, policy)),
    ...named.flatMap((one) => inSegment(one, incident, policy)),
    ...smallerStep(incident, policy),
    ...(first === undefined ? [] : gateProposals(first, incident, policy)),
  ];
  const names = new Set<string>();
  return all.filter(({ name }) => !names.has(name) && names.add(name)).slice(0, PROPOSALS_MAX);
}

/** The guard that opened it; of what no guard opened, the first that turns back. */
function openedBy({ opening }: Incident, { guards }: Policy): Guard | null {
  return guards.find(({ id }) => id === opening.because.guard) ?? guards.find(turnsBack) ?? null;
}

/** What the guard lets pass is halved, and so are the requests that it waits for. */
function tighter(incident: Incident, policy: Policy): readonly LessonProposal[] {
  const guard = openedBy(incident, policy);
  if (guard === null) return [];
  const next = halved(guard);
  const requests = next.test === "threshold" ? `, from ${next.minRequests} requests on` : "";
  return [
    {
      name: next.id,
      what: `one guard more: ${metricName(guard.metric)} over ${limitText(next.comparison)}${requests}, does as ${guard.id} does`,
      why: `${guard.id} (${limitText(guard.comparison)}) is what found it`,
      change: { kind: "guard", guard: next },
    },
  ];
}

/** Fewer say too little. */
const REQUESTS_MIN = 50;

function halved(guard: Guard): Guard {
  const id = `tighter-${guard.id}`;
  if (guard.test === "sequential") return { ...guard, id, comparison: halfOf(guard.comparison) };
  const minRequests = Math.max(REQUESTS_MIN, Math.ceil(guard.minRequests / 2));
  const { comparison } = guard;
  return {
    ...guard,
    id,
    minRequests,
    comparison:
      comparison.kind === "difference"
        ? { kind: "difference", differenceMax: comparison.differenceMax / 2 }
        : halfOf(comparison),
  };
}

type Compared = SequentialGuard["comparison"];

function halfOf(comparison: Compared): Compared {
  if (comparison.kind === "limit") return { kind: "limit", max: comparison.max / 2 };
  const { ratioMax, differenceMin } = comparison;
  return { kind: "ratio", ratioMax: 1 + (ratioMax - 1) / 2, differenceMin: differenceMin / 2 };
}

function limitText(comparison: Guard["comparison"]): string {
  switch (comparison.kind) {
    case "ratio":
      return comparison.ratioMax > 1
        ? `${ratioText(comparison.ratioMax)} stable's`
        : `stable's by ${percentText(comparison.differenceMin)}`;
    case "difference":
      return `stable's by ${percentText(comparison.differenceMax)}`;
    default:
      return `its limit of ${comparison.max}`;
  }
}

/** A guard of exactly this kind of failure is not blurred by all others. */
const EVENTS: { readonly [cause in CauseName]?: EventName } = {
  incompatible: "incompatible",
  "input-length": "incompatible",
  "rate-limits": "rate-limited",
  hang: "timeouts",
  truncation: "truncated",
  garbage: "invalid",
  "over-refusal": "refusals",
};

const DIFFERENCE_MIN = 0.0025;
const RATIO_MAX = 1;

function ofKind({ cause, text }: Hypothesis, policy: Policy): readonly LessonProposal[] {
  const event = EVENTS[cause];
  if (event === undefined) return [];
  const metric = { kind: "events", event } as const;
  const guard = sequential(policy, { id: `only-${event}`, metric, segment: null });
  return [
    {
      name: guard.id,
      what: `one guard more: ${metricName(metric)} over stable's by ${percentText(DIFFERENCE_MIN)} rolls back`,
      why: text,
      change: { kind: "guard", guard },
    },
  ];
}

/** By name of the segment as the analysis has it: "go (language)". */
function inSegment(
  { cause, data, text }: Hypothesis,
  incident: Incident,
  policy: Policy,
): readonly LessonProposal[] {
  if (cause !== "segment" && cause !== "who-is-missing") return [];
  const segment = data.rows[0]?.[0];
  const known = incident.impact.segments.some((one) => one.segment === segment);
  if (typeof segment !== "string" || !known) return [];
  const opened = openedBy(incident, policy);
  const metric =
    opened?.metric.kind === "mean" || opened === null
      ? ({ kind: "events", event: "errors" } as const)
      : opened.metric;
  const guard = sequential(policy, { id: `errors-in-${segment}`, metric, segment });
  return [
    {
      name: guard.id,
      what: `one guard more: ${metricName(metric)} over stable's in ${segment} alone rolls back`,
      why: text,
      change: { kind: "guard", guard },
    },
  ];
}

/** As the policy's other sequential guards that turn back, and with as much of the chance of a false alarm. */
function sequential(
  { guards }: Policy,
  own: Pick<SequentialGuard, "id" | "metric" | "segment">,
): SequentialGuard {
  const others = guards.filter((guard) => guard.test === "sequential" && turnsBack(guard));
  const weights = others.map((guard) => (guard.test === "sequential" ? guard.weight : 1));
  const isLatency = own.metric.kind === "latency";
  return {
    ...own,
    test: "sequential",
    action: "roll-back",
    weight: Math.max(1, ...weights),
    windowMs: guards[0]?.windowMs ?? WINDOW_MS,
    comparison: {
      kind: "ratio",
      ratioMax: isLatency ? LATENCY_RATIO_MAX : RATIO_MAX,
      differenceMin: isLatency ? 0 : DIFFERENCE_MIN,
    },
  };
}

const WINDOW_MS = 300_000;
const LATENCY_RATIO_MAX = 1.5;

/** A stage between the one that it was moved back from and the one before. */
function smallerStep({ opening }: Incident, { stages }: Policy): readonly LessonProposal[] {
  const found = stages.findIndex(({ percent }) => percent >= opening.percent);
  // Everybody has it in bake, whether or not there is a stage of 100%.
  const index = found < 0 ? stages.length : found;
  const last = stages.at(-1);
  const stage = stages[index] ?? (last === undefined ? undefined : { ...last, percent: 100 });
  if (stage === undefined) return [];
  const before = stages[index - 1]?.percent ?? 0;
  const between = before === 0 ? stage.percent / 2 : Math.sqrt(before * stage.percent);
  const percent = between < 10 ? Math.round(between * 10) / 10 : Math.round(between);
  if (percent <= before || percent >= stage.percent) return [];
  const next: Stage = { percent, holdMs: stage.holdMs, minRequests: stage.minRequests };
  return [
    {
      name: `stage-${percent}`,
      what: `one stage more: ${stageText(next)}`,
      why: `it was found at ${percentText(opening.percent / 100)} of users, ${before === 0 ? "the first there were" : `${percentText(before / 100)} before`}`,
      change: { kind: "stage", stage: next },
    },
  ];
}
