// What the demo found, from the rollout's own journal and evidence, and from what the simulated users saw.

import {
  type Analysis,
  durationText,
  type Hypothesis,
  NO_CAUSE,
  percentText,
  type RolloutEvent,
  type Severity,
} from "@slipway/core";
import type { IncidentSummary, JournalEntry, LessonView, RolloutView } from "@slipway/wire";
import type { Scenario } from "./scenario.ts";

/** What the simulated users saw, counted on their side of the gateway. */
export type UsersSaw = {
  readonly requests: number;
  readonly candidateRequests: number;
  readonly errors: number;
  /** Answers by the candidate to requests that were made after the rollback had ended. */
  readonly candidateAfterRollback: number;
};

/** The demo's one JSON object. Times in milliseconds; null where it did not happen. */
export type Summary = {
  readonly scenario: string;
  readonly seed: number;
  readonly rollout: string;
  readonly outcome: "rolled-back" | "completed" | "refused" | "unfinished";
  /** The stage it was rolled back from, in percent of users; 100 when completed. */
  readonly stage: number;
  readonly guard: string | null;
  readonly measured: number | null;
  readonly limit: number | null;
  readonly because: string;
  /** From the commit of the stage to the decision to roll back. */
  readonly detectMs: number | null;
  /** From that decision to the last gateway's confirmation. */
  readonly confirmMs: number | null;
  /** From that decision to the candidate's last answer. */
  readonly drainedMs: number | null;
  readonly gateways: { readonly confirmed: number; readonly of: number };
  readonly requests: { readonly total: number; readonly candidate: number };
  /** Users that the candidate served, estimated from evidence, and the estimate's relative error. */
  readonly usersAffected: number;
  readonly usersAffectedError: number;
  /** Candidate failures that a replay to stable hid. */
  readonly spared: number;
  readonly errorsSeen: number;
  /** Answers by the candidate to requests that were made after the rollback had ended. */
  readonly candidateAfterRollback: number;
  readonly journal: string;
  /** The incident that it left, and how grave that is; null for none. */
  readonly incident: { readonly id: string; readonly severity: Severity } | null;
  /** What was likeliest behind it; null where nothing stands out. */
  readonly cause: Pick<Hypothesis, "cause" | "share" | "text"> | null;
  /** The public page's file, and whether the incident is on it. */
  readonly statusPage: { readonly file: string; readonly hasIncident: boolean };
  /** Where the draft of its postmortem lies; null without an incident. */
  readonly postmortem: string | null;
  /** What it teaches, and what a backtest says of that. */
  readonly lessons: readonly {
    readonly id: string;
    readonly what: string;
    readonly backtest: string | null;
  }[];
};

/** What follows from an incident. */
export type Learnt = {
  readonly analysis: Analysis;
  readonly lessons: readonly LessonView[];
  readonly postmortem: string;
};

type Moved = Extract<RolloutEvent, { type: "moved" }>;

export function summaryOf(facts: {
  readonly scenario: string;
  readonly seed: number;
  readonly view: RolloutView;
  readonly journal: readonly JournalEntry[];
  readonly users: UsersSaw;
  readonly journalPath: string;
  readonly incidents: readonly IncidentSummary[];
  /** From the newest; null for none. */
  readonly learnt: Learnt | null;
  readonly statusPage: Summary["statusPage"];
}): Summary {
  const { view, journal, users } = facts;
  const moves = journal.map(({ event }) => event).filter((event) => event.type === "moved");
  const last = moves.at(-1);
  const confirmed = journal.map(({ event }) => event).findLast((e) => e.type === "confirmed");
  return {
    scenario: facts.scenario,
    seed: facts.seed,
    rollout: view.id,
    outcome: outcomeOf(view),
    stage: stageOf(view),
    guard: last?.cause.because.guard ?? null,
    measured: last?.cause.because.measured ?? null,
    limit: last?.cause.because.limit ?? null,
    because: isRefused(view)
      ? view.decision.because.text
      : (last?.cause.because.text ?? view.decision.because.text),
    detectMs: detectMs(moves),
    confirmMs: view.phase.kind === "rolled-back" ? view.phase.confirmMs : null,
    drainedMs: view.drainedMs,
    gateways: {
      confirmed: (confirmed?.members ?? 0) - (confirmed?.expired.length ?? 0),
      of: confirmed?.members ?? 0,
    },
    requests: { total: users.requests, candidate: users.candidateRequests },
    usersAffected: view.totals.candidate.users,
    usersAffectedError: view.totals.candidate.usersError,
    spared: view.totals.candidate.spared,
    errorsSeen: users.errors,
    candidateAfterRollback: users.candidateAfterRollback,
    journal: facts.journalPath,
    incident: incidentIn(facts.incidents),
    cause: causeIn(facts.learnt),
    postmortem: facts.learnt?.postmortem ?? null,
    lessons: (facts.learnt?.lessons ?? []).slice(0, LESSONS_TOLD).map(lessonIn),
    statusPage: facts.statusPage,
  };
}

/** It has held for as long as it must, and the forecast alone does not let it go on. */
export function isRefused({ phase, forecast, decision, requirements }: RolloutView): boolean {
  if (phase.kind !== "stage" || forecast === null || forecast.verdict === "pass") return false;
  if (decision.kind !== "hold" || decision.because.code !== "forecast") return false;
  return requirements.every(({ code, met }) => met || code === "forecast" || code === "guard");
}

/** The newest. */
function incidentIn([newest]: readonly IncidentSummary[]): Summary["incident"] {
  return newest === undefined ? null : { id: newest.id, severity: newest.severity };
}

/** The likeliest to help; slipway incident lessons has the rest. */
const LESSONS_TOLD = 3;

function lessonIn({ id, what, backtest, untried }: LessonView): Summary["lessons"][number] {
  return { id, what, backtest: backtest?.text ?? untried };
}

function causeIn(learnt: Learnt | null): Summary["cause"] {
  const [first] = learnt?.analysis.hypotheses ?? [];
  return first === undefined ? null : { cause: first.cause, share: first.share, text: first.text };
}

function outcomeOf(view: RolloutView): Summary["outcome"] {
  const { kind } = view.phase;
  if (kind === "rolled-back" || kind === "completed") return kind;
  return isRefused(view) ? "refused" : "unfinished";
}

function stageOf(view: RolloutView): number {
  const { phase, policy } = view;
  if (phase.kind !== "rolled-back") return view.candidatePercent;
  if (phase.from === "preflight") return 0;
  return phase.from === "bake" ? 100 : (policy.stages[phase.from]?.percent ?? 0);
}

/** From the move before the rollback, which began the stage that broke, to the rollback. */
function detectMs(moves: readonly Moved[]): number | null {
  const index = moves.findLastIndex(({ move }) => move.kind === "roll-back");
  const [before, rollback] = [moves[index - 1], moves[index]];
  return before === undefined || rollback === undefined ? null : rollback.atMs - before.atMs;
}

/** What is missing for the story to have happened; empty when it did. */
export function plotHoles(summary: Summary, scenario: Scenario): readonly string[] {
  const holes: string[] = [];
  if (summary.outcome !== scenario.ends) {
    holes.push(`the rollout should have ${scenario.ends}, and is ${summary.outcome}`);
  }
  if (summary.gateways.of === 0 || summary.gateways.confirmed !== summary.gateways.of) {
    holes.push(`${summary.gateways.confirmed} of ${summary.gateways.of} gateways confirmed`);
  }
  if (summary.outcome === "rolled-back" && summary.guard === null) {
    holes.push("no guard is named as the reason");
  }
  if (summary.outcome === "refused" && summary.errorsSeen > 0) {
    holes.push(`users saw ${summary.errorsSeen} errors`);
  }
  if (summary.requests.candidate === 0) holes.push("the candidate served nobody");
  if (summary.candidateAfterRollback > 0) {
    holes.push(
      `the candidate answered ${summary.candidateAfterRollback} requests after the rollback`,
    );
  }
  return holes;
}

function outcomeText({ outcome, stage }: Summary): string {
  if (outcome === "rolled-back") return `rolled back from ${stage}%`;
  return outcome === "refused" ? `stays at ${stage}%: the next stage is refused` : outcome;
}

function causeText({ cause }: Summary): string {
  if (cause === null) return NO_CAUSE;
  return `${cause.cause}, ${percentText(cause.share)} of the harm: ${cause.text}`;
}

function statusText({ file, hasIncident }: Summary["statusPage"]): string {
  return `${file}${hasIncident ? ", with the incident posted" : ""}`;
}

/** The summary for a person. */
export function summaryLines(summary: Summary): readonly string[] {
  const time = (ms: number | null): string => (ms === null ? "–" : durationText(ms));
  const error = `±${Math.round(summary.usersAffectedError * 1000) / 10}%`;
  const rolledBack = summary.outcome === "rolled-back";
  const rows: readonly (readonly [string, string])[] = [
    ["outcome", outcomeText(summary)],
    ["why", summary.guard === null ? summary.because : `${summary.guard}: ${summary.because}`],
    ...(rolledBack
      ? ([
          ["detected", `${time(summary.detectMs)} after the ${summary.stage}% stage began`],
          [
            "confirmed",
            `${time(summary.confirmMs)} later, by ${summary.gateways.confirmed} of ${summary.gateways.of} gateway workers`,
          ],
          ["drained", `${time(summary.drainedMs)} after the decision`],
        ] as const)
      : []),
    [
      "requests",
      `${summary.requests.total}, of which ${summary.requests.candidate} answered by the candidate`,
    ],
    ["users on it", `${summary.usersAffected} (${error})`],
    ["errors seen", `${summary.errorsSeen} by users; ${summary.spared} hidden by replay to stable`],
    ["journal", summary.journal],
    ...(summary.incident === null
      ? []
      : ([
          ["incident", `${summary.incident.id}, ${summary.incident.severity}`],
          ["cause", causeText(summary)],
          ["postmortem", summary.postmortem ?? "–"],
          ...summary.lessons.flatMap(
            ({ what, backtest }) =>
              [
                ["lesson", what],
                ["", `backtest: ${backtest ?? "none"}`],
              ] as const,
          ),
        ] as const)),
    ["status page", statusText(summary.statusPage)],
  ];
  return rows.map(([name, text]) => `  ${name.padEnd(12)} ${text}`);
}
