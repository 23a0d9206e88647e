// Forward: sends a request to a version, and once more to stable when the candidate fails before the first byte
// of its answer. What comes back goes to relay; what never comes is answered here.

import type { Outcome } from "@slipway/core";
import type { UpstreamFailure } from "../ports.ts";
import {
  noCapacity,
  noQuota,
  type Refusal,
  redirected,
  rolledBack,
  timedOut,
  unreachable,
} from "../refusal.ts";
import type { Replica } from "../upstream/replica.ts";
import { Attempt, type AttemptEvents } from "./attempt.ts";
import { type Failure, isRedirect, mayReplay, outcomeOfStatus } from "./failure.ts";
import { measure, measureOverdue } from "./measure.ts";
import { refuse } from "./own-answer.ts";
import type { Passage } from "./passage.ts";
import { isElsewhere } from "./placement.ts";
import { beginRelay, cutRelay, endBroken, endRelay, relayChunk } from "./relay.ts";
import { addSlipwayHeaders } from "./slipway-headers.ts";
import { settle } from "./spend.ts";

/** The candidate may take this share of the deadline to its first byte, where stable can still answer after it. */
const FIRST_ATTEMPT_SHARE = 0.5;

const EVENTS: AttemptEvents = { full, head, data, end, error, unreached };

export function forward(passage: Passage): void {
  passage.context.open.add(passage);
  passage.exchange.onClosed(() => leave(passage));
  attempt(passage, null);
}

function attempt(passage: Passage, shunnedPool: string | null): void {
  const { answeringBalancer, place } = passage;
  passage.attempt = new Attempt(passage, place, answeringBalancer, EVENTS, shunnedPool);
  passage.attempt.start();
}

/** The client has gone: nobody needs the answer any more. */
function leave(passage: Passage): void {
  if (passage.isOver) return;
  passage.attempt?.stop();
  measure(passage, passage.scan?.isComplete() === true ? "ok" : "cancelled");
}

/** Cuts a request off on both sides, uncounted. */
export function cut(passage: Passage): void {
  passage.isOver = true;
  settle(passage, passage.context.ports.clock.mono());
  passage.forgetBody();
  passage.attempt?.stop();
  passage.exchange.destroy();
  passage.context.open.remove(passage);
}

function full(passage: Passage, failed: Attempt): void {
  failed.stop();
  const failure: Failure = { outcome: "rate_limited", status: null, dispatched: false };
  if (replay(passage, failed, failure)) return;
  const { reason, retryAfterSeconds } = failed.refused ?? { reason: "wait", retryAfterSeconds: 1 };
  const refusal = reason === "quota" ? noQuota(retryAfterSeconds) : noCapacity(retryAfterSeconds);
  giveUp(passage, "rate_limited", refusal);
}

function head(passage: Passage, current: Attempt): void {
  if (isRedirect(current.status)) {
    const failure: Failure = { outcome: "invalid", status: current.status, dispatched: true };
    if (replay(passage, current, failure)) return;
    current.stop();
    giveUp(passage, "invalid", redirected);
    return;
  }
  if (current.status < 400) return;
  const { status, hasOwnKey } = current;
  if (searchOn(passage, current)) return;
  const outcome = outcomeOfStatus(status, hasOwnKey);
  replay(passage, current, { outcome, status, dispatched: true });
}

/** The object is not here: the next upstream that may have it is asked. True when it is. */
function searchOn(passage: Passage, current: Attempt): boolean {
  const { placement } = passage;
  if (placement === null || !isElsewhere(placement, current.status)) return false;
  if (!passage.nextPlace()) return false;
  current.stop();
  attempt(passage, null);
  return true;
}

function data(passage: Passage, current: Attempt, chunk: Uint8Array): boolean {
  if (!passage.isCommitted) beginRelay(passage, current);
  return relayChunk(passage, current, chunk);
}

function end(passage: Passage, current: Attempt): void {
  if (!passage.isCommitted) {
    const { status } = current;
    const isEmpty = status < 300 && passage.api !== "other" && passage.exchange.method !== "HEAD";
    const failure: Failure = { outcome: "invalid", status, dispatched: true };
    if (isEmpty && replay(passage, current, failure)) return;
    beginRelay(passage, current);
  }
  endRelay(passage, current);
}

function error(passage: Passage, current: Attempt, upstream: UpstreamFailure): void {
  // Those that were not reached have been told one by one.
  if (upstream.unsent !== true) warn(passage, current.replica, upstream);
  if (passage.isCommitted) {
    cutRelay(passage, current);
    return;
  }
  const failure: Failure = {
    outcome: outcomeOfFailure(upstream, current),
    status: current.status === 0 ? null : current.status,
    dispatched: upstream.unsent !== true,
  };
  if (replay(passage, current, failure)) return;
  giveUp(passage, failure.outcome, unreachable);
}

function unreached(passage: Passage, replica: Replica, failure: UpstreamFailure): void {
  const { model } = passage.destination.route;
  const version = passage.answeringBalancer.version.id;
  passage.context.observe.unreached(model, version, replica.upstream.id);
  warn(passage, replica, failure);
}

function warn(passage: Passage, replica: Replica | null, failure: UpstreamFailure): void {
  const { model } = passage.destination.route;
  const upstream = replica?.upstream.id ?? null;
  const reason = failure.message;
  passage.context.warnings.warn(
    { request: passage.id, model, arm: passage.answeringArm, upstream, reason },
    "an upstream's connection failed",
  );
}

function outcomeOfFailure(failure: UpstreamFailure, { status, hasOwnKey }: Attempt): Outcome {
  if (status >= 400) return outcomeOfStatus(status, hasOwnKey);
  if (status !== 0) return "truncated";
  return failure.kind === "connect" ? "connect" : "invalid";
}

/** Looks at one open request in passing: its wait, its deadline, its horizon. */
export function watch(passage: Passage, nowMs: number): void {
  const current = passage.attempt;
  if (passage.isOver || current === null) return;
  const { recorder, limits } = passage.context;
  const { observed } = passage;
  if (observed !== null && recorder.isOverdue(observed)) measureOverdue(passage);
  if (nowMs >= passage.deadlineMs) timeOut(passage, current);
  else if ((current.waitingMs(nowMs) ?? 0) >= limits.queueWaitMsMax) current.expire();
  else if (isFirstLimitOver(passage, nowMs)) spareTheRest(passage, current);
}

function isFirstLimitOver(passage: Passage, nowMs: number): boolean {
  if (passage.isCommitted || passage.answeringArm !== "candidate") return false;
  const { startedMs, deadlineMs } = passage;
  return nowMs >= startedMs + FIRST_ATTEMPT_SHARE * (deadlineMs - startedMs);
}

/** The candidate has not begun to answer: stable gets the time that is left, if it may. */
function spareTheRest(passage: Passage, current: Attempt): void {
  current.overdue();
  const dispatched = current.sentMs !== null;
  replay(passage, current, { outcome: "timeout", status: null, dispatched });
}

function timeOut(passage: Passage, current: Attempt): void {
  current.overdue();
  current.stop();
  if (passage.isCommitted) {
    measure(passage, "timeout");
    endBroken(passage, timedOut);
    return;
  }
  giveUp(passage, "timeout", timedOut);
}

/** Takes a request off the candidate: what has begun ends, what has not goes to stable, where it may. */
export function recall(passage: Passage): void {
  const current = passage.attempt;
  if (passage.isOver || current === null || passage.answeringArm !== "candidate") return;
  if (!passage.isCommitted) {
    current.overdue();
    const dispatched = current.sentMs !== null;
    replay(passage, current, { outcome: "cancelled", status: null, dispatched });
    return;
  }
  current.stop();
  measure(passage, passage.scan?.isComplete() === true ? "ok" : "cancelled");
  endBroken(passage, rolledBack);
}

/** True when the request is now on its way to stable. */
function replay(passage: Passage, failed: Attempt, failure: Failure): boolean {
  if (passage.replayed !== null || !isReplayable(passage, failed, failure)) return false;
  failed.stop();
  passage.replayed = { failure, attempt: failed };
  attempt(passage, failure.status === 429 ? poolOf(failed) : null);
  // Only now: what is open at stable is part of the judgement.
  passage.watched?.replayed(failure.outcome);
  return true;
}

function isReplayable(passage: Passage, failed: Attempt, failure: Failure): boolean {
  // What goes on from an object can be answered only where the object is.
  if (passage.placement !== null) return false;
  const { route, replayBudget, stable } = passage.destination;
  const nowMs = passage.context.ports.clock.mono();
  const isAllowed = mayReplay({
    arm: failed.arm,
    enabled: route.replay.enabled,
    isCommitted: passage.isCommitted,
    // What an upstream keeps it would keep twice: a response is kept unless the request says otherwise.
    hasSideEffects: passage.hasSideEffects || passage.makesObject,
    failure,
    samePool: stable.version.upstreams.every(({ pool }) => pool === poolOf(failed)),
    leftMs: passage.deadlineMs - nowMs,
  });
  return isAllowed && replayBudget.spend(nowMs, route.replay.budget);
}

function poolOf(attempt: Attempt): string | null {
  return attempt.replica?.upstream.pool ?? null;
}

/** No upstream's answer can be had: the client gets Slipway's own. */
function giveUp(passage: Passage, outcome: Outcome, refusal: Refusal): void {
  const headers: string[] = [];
  addSlipwayHeaders(headers, passage);
  refuse(passage.exchange, passage.id, refusal, headers);
  measure(passage, outcome);
}
