// An explanation as people read it: the decision, what the journal says of it, and each guard with its interval, its
// evidence and the counts behind them.

import {
  durationText,
  evidenceText,
  type Grounds,
  type Interval,
  intervalText,
  KEY_BUCKETS,
  marginText,
  percentText,
  type Requirement,
  scaleText,
  type TwoArms,
  type Verdict,
} from "@slipway/core";
import type { ExplainedGuard, Explanation, RecordedDecision } from "@slipway/wire";
import { lessonsInForceText } from "../commands/lesson/in-force-text.ts";
import { gateAtStartText } from "../preflight/gate-at-start.ts";
import { trendText, whoText } from "./explain-sample.ts";

export function explainText(explanation: Explanation): string {
  const { rolloutId, model, from, to, atMs, decision } = explanation;
  const does = decision.kind === "hold" ? "holds" : moveText(decision.move, explanation);
  return [
    `rollout ${rolloutId} of ${model} from ${from} to ${to}, ${new Date(atMs).toISOString()}, ${whereText(explanation)}\n`,
    `  ${does}: ${decision.because.text}\n`,
    recordedText(explanation.recorded),
    evidenceLine(explanation),
    ...(explanation.guards.length === 0 ? [] : ["\nguards\n"]),
    ...explanation.guards.map(guardText),
    ...(explanation.trends.length === 0 ? [] : ["\ntrends\n"]),
    ...explanation.trends.map(trendText),
    ...whoText(explanation),
    ...gatesText(explanation),
    ...(explanation.requirements.length === 0 ? [] : ["\nto go on\n"]),
    ...explanation.requirements.filter(({ code }) => code !== "guard").map(requirementText),
    lessonsInForceText(explanation.lessons),
  ].join("");
}

function gatesText({ gates = [] }: Explanation): readonly string[] {
  if (gates.length === 0) return [];
  return ["\ngates that it started with\n", ...gates.map((gate) => `  ${gateAtStartText(gate)}\n`)];
}

function whereText({ phase, stages }: Explanation): string {
  const shareOf = (stage: number): string => `${stages[stage] ?? 0}%`;
  switch (phase.kind) {
    case "stage":
    case "stepping-back":
      return `${phase.kind} ${shareOf(phase.stage)}`;
    case "paused":
      return `paused at ${phase.at === "bake" ? "bake" : shareOf(phase.at)}`;
    default:
      return phase.kind;
  }
}

function moveText(
  move: { readonly kind: string; readonly stage?: number },
  { stages }: Explanation,
): string {
  const share = move.stage === undefined ? "" : ` to ${stages[move.stage] ?? 0}%`;
  return `${move.kind}${share}`;
}

function recordedText(recorded: RecordedDecision | null): string {
  if (recorded === null) return "  the journal has no decision by then\n";
  const { sequence, atMs, decided, because, by, replayed } = recorded;
  const who = by === null ? "" : ` by ${by}`;
  const again =
    replayed === "same"
      ? "made again from what is stored, it comes out the same"
      : `MADE AGAIN IT IS NOT THE SAME: ${replayed}`;
  return `  journal entry ${sequence}, ${new Date(atMs).toISOString()}: ${decided}${who}, ${because.text}\n  ${again}\n`;
}

function evidenceLine({ evidence, atMs }: Explanation): string {
  if (evidence.endMs === null) return "  no mature evidence yet\n";
  const age = durationText(Math.max(0, atMs - evidence.endMs));
  const missing =
    evidence.missing.length === 0
      ? ""
      : `; without ${evidence.missing.join(", ")}, so that nothing passes`;
  return `  evidence up to tick ${evidence.watermark}, ${age} before${missing}\n`;
}

const MARKS: { readonly [status in Verdict["status"]]: string } = {
  pass: "✓",
  fail: "✗",
  wait: "…",
};

function guardText({ action, verdict, grounds }: ExplainedGuard): string {
  const lines = [
    `  ${MARKS[verdict.status]} ${verdict.guard} (${actionText(action, verdict)}): ${verdict.text}`,
    ...intervalLine(verdict),
    ...findingLines(verdict),
    ...(grounds === null ? [] : groundsLines(grounds, verdict)),
  ];
  return `${lines.join("\n      ")}\n`;
}

/** One replica alone that is to blame makes a guard block that would turn back. */
function actionText(action: string, verdict: Verdict): string {
  return verdict.action === action ? action : `${action}; now ${verdict.action}`;
}

function intervalLine(verdict: Verdict): readonly string[] {
  const { interval, limit } = verdict;
  if (interval === null) return ["interval: nothing to measure yet"];
  const holds = interval.always ? "at all looks together" : "at this one look";
  return [
    `interval: ${rangeText(verdict, interval)}, limit ${scaleText(verdict, limit)} (${percentText(interval.confidence)}, ${holds})`,
  ];
}

function rangeText(verdict: Verdict, { low, high }: Interval): string {
  if (verdict.comparison !== "difference") return intervalText(verdict, low, high);
  return `${scaleText(verdict, low ?? -1)} to ${scaleText(verdict, high ?? 1)}`;
}

function findingLines(verdict: Verdict): readonly string[] {
  const { caution, finding } = verdict;
  if (finding === undefined) return [];
  const { logE, logNeeded, going } = finding;
  return [
    ...(caution === undefined ? [] : [caution]),
    `evidence of harm: ${evidenceText(logE)} of ${evidenceText(logNeeded)}`,
    `evidence that it is below ${marginText(verdict, going)}: ${evidenceText(going.logE)} of ${evidenceText(going.logNeeded)}`,
  ];
}

/** Harm is told of users who surely differ; that there is none, of users who may. */
function weightLines({ temper, proofTemper }: Grounds): readonly string[] {
  const [harm, proof] = [temper, proofTemper].map((by) => Math.round(by * 100) / 100);
  if (harm === 1 && proof === 1) return [];
  const users = harm === 1 ? "users may differ" : "users differ";
  return [`${users}: evidence of harm is divided by ${harm}, evidence against it by ${proof}`];
}

function setApartLines({ setApart }: Grounds): readonly string[] {
  if (setApart === null) return [];
  const { bucket, share, logE } = setApart;
  return [
    `evidence against harm leaves out group ${bucket} of ${KEY_BUCKETS} by user key: ${percentText(share)} of requests came from it, so that a heavy user is in it; evidence of harm counts it, and would be ${evidenceText(logE)} without`,
  ];
}

function groundsLines(grounds: Grounds, verdict: Verdict): readonly string[] {
  const { ticks, counts, segments, withoutReplica } = grounds;
  const replicas = Object.entries(withoutReplica);
  const weight = [...weightLines(grounds), ...setApartLines(grounds)];
  const own = segments.length < 2 ? [] : segments;
  return [
    `counts in ${ticks} ticks: ${countsText(counts, grounds, verdict)}`,
    ...weight,
    ...(replicas.length < 2 ? [] : replicas).map(
      ([replica, logE]) => `without replica ${replica}: evidence ${evidenceText(logE)}`,
    ),
    ...own.map(({ segment, logE, counts: those, named }) => {
      const worse = named ? ", worse by itself" : "";
      return `in ${segment}: evidence ${evidenceText(logE)}${worse}; ${countsText(those, grounds, verdict)}`;
    }),
  ];
}

/** A latency counts as bad over stable's quantile, and on the candidate over that times the limit. */
function countsText(
  { candidate, stable }: TwoArms,
  { edgesMs }: Grounds,
  { unit, comparison, limit }: Verdict,
): string {
  const number = (count: number): string => count.toLocaleString("en-US");
  if (unit === "tokens" || unit === "dollars") {
    return `${number(candidate.n)} candidate answers and ${number(stable.n)} stable ones with a usage`;
  }
  const of = ({ n, bad }: TwoArms["stable"]): string => `${number(bad)} of ${number(n)}`;
  const isBad = (times: number): string => {
    if (unit === "share") return "were bad";
    const [edgeMs = null, ...more] = edgesMs;
    if (edgeMs === null || more.length > 0) return "were slow";
    return `took over ${durationText(edgeMs * times)}`;
  };
  const times = comparison === "ratio" ? limit : 1;
  return `${of(candidate)} on the candidate ${isBad(times)}, ${of(stable)} on stable ${isBad(1)}`;
}

function requirementText({ met, text }: Requirement): string {
  return `  ${met ? "✓" : "…"} ${text}\n`;
}
