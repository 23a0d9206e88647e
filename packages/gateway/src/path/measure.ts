// Measure: what became of a request, told once to the evidence and to the metrics.

import type { Outcome } from "@slipway/core";
import type { Judgement } from "../evidence/count-judgement.ts";
import type { Attempt } from "./attempt.ts";
import type { Observation } from "./observe.ts";
import type { Passage } from "./passage.ts";
import { settle } from "./spend.ts";

/** `outcome` is that of the answer the user got, or did not get. */
export function measure(passage: Passage, outcome: Outcome): void {
  if (passage.isOver) return;
  passage.isOver = true;
  passage.forgetBody();
  const { context, observed, attempt } = passage;
  const nowMs = context.ports.clock.mono();
  settle(passage, nowMs);
  const times = timesOf(passage, attempt, nowMs);
  const usage = passage.scan?.usage() ?? null;
  const judgedAs = judgedOutcome(passage, outcome);
  if (observed !== null) {
    const judged = judgedAttempt(passage);
    const timesThere = judged === attempt ? times : timesOf(passage, judged, nowMs);
    const ending = passage.scan?.ending() ?? null;
    const spared = passage.replayed !== null && outcome === "ok";
    context.recorder.judge(
      observed,
      judgementOf(judged, nowMs, timesThere, { outcome: judgedAs, spared, usage, ending }),
    );
  }
  passage.watched?.ended(judgedAs, outcome, passage.isCommitted);
  attempt?.settle(usage);
  passage.replayed?.attempt.settle(null);
  compare(passage, outcome, times);
  const observation: Observation = {
    requestId: passage.id,
    api: passage.api,
    model: passage.destination.route.model,
    arm: passage.answeringArm,
    version: passage.answeringBalancer.version.id,
    via: passage.via,
    turn: passage.turn,
    outcome,
    replayed: passage.replayed === null ? null : judgedAs,
    streamed: passage.streamed,
    durationMs: times.totalMs,
    ttftMs: times.ttftMs,
    tpotMs: times.tpotMs,
    overheadMs: times.overheadMs,
    usage,
    client: passage.caller?.client.name ?? null,
  };
  context.observe.finished(observation);
  if (passage.trace !== null) {
    const rolloutId = passage.destination.route.split?.rolloutId ?? null;
    passage.trace.end(observation, rolloutId, passage.isCommitted ? (attempt?.status ?? 0) : 0);
  }
  // Last: whoever waits for the end of open requests wants all of them told.
  context.open.remove(passage);
}

/** The user's side of a request that was mirrored, or whose answer is kept. */
function compare(passage: Passage, outcome: Outcome, { totalMs, ttftMs }: Times): void {
  const { context, kept, pair, scan } = passage;
  if (kept === null && pair === null) return;
  const usage = scan?.usage() ?? null;
  const answer = { outcome, totalMs, ttftMs, usage, ending: scan?.ending() ?? null };
  if (kept !== null) context.answers.ended(kept, answer);
  pair?.primary(answer);
}

/** The horizon has passed: it is judged now, and goes on being served. */
export function measureOverdue(passage: Passage): void {
  const { context, observed } = passage;
  if (observed === null) return;
  const nowMs = context.ports.clock.mono();
  const judged = judgedAttempt(passage);
  // Where stable answers in the candidate's place, its time is not the candidate's; a good answer may have begun.
  const soFar = passage.scan === null ? "overdue" : "ok";
  const outcome = passage.replayed === null ? "overdue" : judgedOutcome(passage, soFar);
  const times = timesOf(passage, judged, nowMs);
  context.recorder.judge(
    observed,
    judgementOf(judged, nowMs, times, { outcome, spared: false, usage: null, ending: null }),
  );
}

/** The arm that was assigned is judged by its own attempt, also when stable answered in its place. */
function judgedAttempt(passage: Passage): Attempt | null {
  return passage.replayed?.attempt ?? passage.attempt;
}

/** A 4xx of the candidate is its fault exactly when stable then succeeds. */
function judgedOutcome(passage: Passage, outcome: Outcome): Outcome {
  if (passage.replayed === null) return outcome;
  const failed = passage.replayed.failure.outcome;
  return failed === "client_error" && outcome === "ok" ? "incompatible" : failed;
}

function judgementOf(
  attempt: Attempt | null,
  nowMs: number,
  { overheadMs, totalMs, tpotMs, ttftMs }: Times,
  { ending, outcome, spared, usage }: Pick<Judgement, "ending" | "outcome" | "spared" | "usage">,
): Judgement {
  const sentMs = attempt?.sentMs ?? null;
  return {
    ending,
    outcome,
    spared,
    totalMs,
    ttftMs,
    tpotMs,
    overheadMs,
    usage,
    replica: attempt?.replica?.upstream.id ?? null,
    inFlight: attempt?.inFlight ?? 0,
    // One that never got a slot was never in flight, however long ago it was given up.
    inFlightMs: sentMs === null ? 0 : (attempt?.endedMs ?? nowMs) - sentMs,
  };
}

type Times = {
  readonly totalMs: number;
  readonly ttftMs: number | null;
  readonly tpotMs: number | null;
  readonly overheadMs: number | null;
};

function timesOf(passage: Passage, attempt: Attempt | null, nowMs: number): Times {
  const { startedMs, scan } = passage;
  const totalMs = nowMs - startedMs;
  const firstByteMs = attempt?.firstByteMs ?? null;
  const isSent = attempt !== null && attempt.sentMs !== null;
  const count = scan?.outputCount() ?? 0;
  return {
    totalMs,
    ttftMs: firstByteMs === null ? null : firstByteMs - startedMs,
    tpotMs: firstByteMs === null || count < 2 ? null : (nowMs - firstByteMs) / (count - 1),
    // Waiting for a slot, and for a connection that fails, are the upstream's share, not the gateway's.
    overheadMs: isSent && passage.replayed === null ? (attempt.readyMs ?? nowMs) - startedMs : null,
  };
}
