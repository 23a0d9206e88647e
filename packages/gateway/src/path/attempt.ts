// One attempt to have a request answered by one version: its slot, its call, its times. Whatever happens, the
// slot is given back exactly once, and nothing is heard of an attempt after it has ended.

import type { DrillFault, ServingArm } from "@slipway/core";
import type { Usage } from "../answer/usage.ts";
import { operationOf } from "../api.ts";
import { spliced } from "../body/spliced.ts";
import type { Call, RawHeaders, Sink, UpstreamFailure } from "../ports.ts";
import type { Balancer, RefusalReason, Place as Slot, Waiter } from "../upstream/balancer.ts";
import type { Sent, TokenCounts } from "../upstream/pool.ts";
import type { Priority } from "../upstream/priority.ts";
import type { Replica } from "../upstream/replica.ts";
import { DRILL_ERROR, DRILL_FAILURE, drillFaultIn } from "./drilled.ts";
import type { Passage } from "./passage.ts";
import type { Place } from "./placement.ts";
import type { AttemptTrace } from "./tracing.ts";
import { upstreamHeaders } from "./upstream-headers.ts";

const FRESH = { fresh: true } as const;
const NOTHING_USED: TokenCounts = { inputTokens: 0, outputTokens: 0 };

/** What the steps do when something happens to an attempt. */
export type AttemptEvents = {
  /** No slot, and no place in the queue that would be served in time. */
  readonly full: (passage: Passage, attempt: Attempt) => void;
  readonly head: (passage: Passage, attempt: Attempt) => void;
  readonly data: (passage: Passage, attempt: Attempt, chunk: Uint8Array) => boolean;
  readonly end: (passage: Passage, attempt: Attempt) => void;
  readonly error: (passage: Passage, attempt: Attempt, failure: UpstreamFailure) => void;
  /** An upstream could not be reached; another may take its place. */
  readonly unreached: (passage: Passage, replica: Replica, failure: UpstreamFailure) => void;
};

export class Attempt implements Sink, Waiter {
  readonly #passage: Passage;
  readonly #events: AttemptEvents;
  readonly #balancer: Balancer;
  readonly arm: ServingArm;
  readonly priority: Priority;
  /** The one upstream that will do; null where any of the version's will. */
  readonly only: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly shunnedPool: string | null;
  /** Why it got no slot, and when to try again; null until then. */
  refused: { readonly reason: RefusalReason; readonly retryAfterSeconds: number } | null = null;
  #isSettled = false;
  #call: Call | null = null;
  #isOver = false;
  #sends = 0;
  #wasResent = false;
  /** Upstreams that could not be reached so far. */
  #unreached = 0;
  #trace: AttemptTrace | null = null;
  replica: Replica | null = null;
  /** Requests in flight at the upstream when this one was sent, itself included. */
  inFlight = 0;
  /** Monotonic times; null until then. Ready: sent for the first time, or in the queue. */
  readyMs: number | null = null;
  queuedMs: number | null = null;
  sentMs: number | null = null;
  firstByteMs: number | null = null;
  /** What its pool had been sent with it; null until then. */
  #poolSent: Sent | null = null;
  endedMs: number | null = null;
  /** Of the answer; 0 until its head has come. */
  status = 0;
  headers: RawHeaders = [];

  /** `shunnedPool`: one that has just refused the request; null for none. */
  constructor(
    passage: Passage,
    place: Place,
    balancer: Balancer,
    events: AttemptEvents,
    shunnedPool: string | null,
  ) {
    this.#passage = passage;
    this.priority = passage.priority;
    this.arm = place.arm;
    this.only = place.upstream;
    this.inputTokens = passage.inputTokens;
    this.outputTokens = passage.outputTokens;
    this.shunnedPool = shunnedPool;
    this.#balancer = balancer;
    this.#events = events;
  }

  /** Sends the request, now or when an upstream has room. */
  start(): void {
    const rolloutId = this.#passage.destination.route.split?.rolloutId;
    if (this.arm === "candidate" && rolloutId !== undefined) {
      this.#passage.context.flights.started(rolloutId);
    }
    const nowMs = this.#now();
    this.readyMs = nowMs;
    this.#follow(this.#balancer.place(this, nowMs));
    if (this.refused !== null) this.#events.full(this.#passage, this);
  }

  #follow(place: Slot): void {
    if (place.kind === "replica") this.granted(place.replica);
    else if (place.kind === "queued") this.queuedMs ??= this.#now();
    else this.refused = place;
  }

  /** It has waited for as long as it may. */
  expire(): void {
    this.#follow(this.#balancer.expire(this, this.#now()));
    this.#events.full(this.#passage, this);
  }

  granted(replica: Replica): void {
    this.replica = replica;
    this.inFlight = replica.inFlight;
    this.#poolSent = replica.pool.sent;
    this.#send(replica);
  }

  /** Milliseconds that it has been waiting for a slot; null when it is not. */
  waitingMs(nowMs: number): number | null {
    const isWaiting = this.replica === null && this.queuedMs !== null && !this.#isOver;
    return isWaiting ? nowMs - (this.queuedMs ?? nowMs) : null;
  }

  /** Whether the upstream got a key of its own, or should have, or none, in place of the client's. */
  get hasOwnKey(): boolean {
    if (this.#passage.caller !== null) return true;
    return this.replica !== null && this.replica.upstream.keyEnv !== null;
  }

  /** What it used, in place of what was expected; null where the answer does not say. */
  settle(usage: Usage | null): void {
    const { replica } = this;
    if (replica === null || this.#isSettled) return;
    this.#isSettled = true;
    // A failed answer costs no tokens; of one that does not tell, what was expected is the best guess.
    const used = usage ?? (this.status >= 400 ? NOTHING_USED : this);
    replica.pool.settle(this, used);
  }

  #send(replica: Replica): void {
    const { content, exchange, path, context } = this.#passage;
    if (content === null) throw new Error("a request was sent after its body was forgotten");
    const { body, form, scan } = content;
    const { upstream } = replica;
    this.sentMs = this.#now();
    this.#sends++;
    const send = this.#sends;
    const fault = drillFaultIn(this.#passage, this.arm);
    if (fault !== null) {
      this.#failDrilled(fault);
      return;
    }
    const call = context.ports.upstream.send(
      {
        method: exchange.method,
        baseUrl: upstream.url,
        path,
        headers: this.#headers(replica),
        body: spliced(body, scan ?? form, replica.model),
        ...(this.#wasResent ? FRESH : {}),
        ...(upstream.caFile === undefined ? {} : { caFile: upstream.caFile }),
      },
      this,
    );
    // A call may fail before it is even returned; what it failed into goes on without it.
    if (this.#isOver || send !== this.#sends) call.abort();
    else this.#call = call;
  }

  /** One that hangs hears nothing more, until its time is over or it is recalled. */
  #failDrilled(fault: DrillFault): void {
    if (fault === "connect") this.onError(DRILL_FAILURE);
    if (fault !== "errors") return;
    this.status = DRILL_ERROR.status;
    this.headers = DRILL_ERROR.headers;
    this.#events.head(this.#passage, this);
    this.onData(DRILL_ERROR.body);
    this.onEnd();
  }

  resume(): void {
    this.#call?.resume();
  }

  /** Ends the attempt from this side; the upstream is told to stop. */
  stop(): void {
    if (this.#isOver) return;
    const call = this.#call;
    this.#finish();
    call?.abort();
  }

  onHead(status: number, headers: RawHeaders): void {
    if (this.#isOver) return;
    this.status = status;
    this.headers = headers;
    const { clock } = this.#passage.context.ports;
    const { replica } = this;
    const sent = this.#poolSent ?? replica?.pool.sent;
    if (sent !== undefined)
      replica?.hear(status, headers, sent, this.sentMs ?? clock.mono(), clock);
    this.#events.head(this.#passage, this);
  }

  onData(chunk: Uint8Array): boolean {
    if (this.#isOver || chunk.length === 0) return true;
    if (this.firstByteMs === null) this.#begin();
    return this.#events.data(this.#passage, this, chunk);
  }

  #begin(): void {
    const nowMs = this.#now();
    this.firstByteMs = nowMs;
    const { replica } = this;
    if (replica === null || this.status >= 400) return;
    const sentMs = this.sentMs ?? nowMs;
    if (this.#passage.streamed)
      replica.firstByte(sentMs, this.inputTokens, this.#passage.context.ports.clock);
    else replica.whole(sentMs, nowMs);
  }

  /** It has not begun in time. */
  overdue(): void {
    const nowMs = this.#now();
    if (this.firstByteMs === null) this.replica?.overloaded(this.sentMs ?? nowMs, nowMs);
  }

  onEnd(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#events.end(this.#passage, this);
  }

  onError(failure: UpstreamFailure): void {
    if (this.#isOver) return;
    const { replica } = this;
    if (replica !== null && this.#tryAgain(failure, replica)) return;
    this.#finish();
    this.#events.error(this.#passage, this, failure);
  }

  /** Once more where it cannot do any harm; true when it is on its way, or waits. */
  #tryAgain(failure: UpstreamFailure, replica: Replica): boolean {
    this.#call = null;
    // A kept connection that had gone stale says nothing about its upstream: once more, on a new one.
    const isStale = failure.stale === true && !this.#wasResent && !this.#passage.hasSideEffects;
    if (isStale && this.#balancer.mayResend(this.#now())) {
      this.#wasResent = true;
      this.#send(replica);
      return true;
    }
    if (failure.unsent !== true) return false;
    this.#unreached++;
    this.#balancer.avoid(replica, this.#now());
    this.#events.unreached(this.#passage, replica, failure);
    if (this.only !== null || this.#unreached >= this.#balancer.upstreams) return false;
    if (!this.#balancer.mayResend(this.#now())) return false;
    this.replica = null;
    replica.pool.settle(this, NOTHING_USED);
    const nowMs = this.#now();
    this.#release(replica, nowMs);
    this.#follow(this.#balancer.place(this, nowMs));
    return this.refused === null;
  }

  #headers(replica: Replica): readonly string[] {
    const { api, exchange, trace } = this.#passage;
    const headers = upstreamHeaders(exchange.headers, this.#passage, replica);
    if (trace === null) return headers;
    // Sent again on a new connection, or to another upstream: a call of its own.
    this.#trace?.end(0, "unreached");
    const { model, url: baseUrl } = replica.upstream;
    const { id: version } = this.#balancer.version;
    const operation = operationOf(api);
    this.#trace = trace.attempt({ operation, model, baseUrl, arm: this.arm, version });
    return [...headers, ...this.#trace.headers];
  }

  #endTrace(): void {
    const { status } = this;
    this.#trace?.end(status, status === 0 || status >= 400 ? errorOf(status) : null);
    this.#trace = null;
  }

  #finish(): void {
    this.#isOver = true;
    this.#endTrace();
    this.#call = null;
    const nowMs = this.#now();
    this.endedMs = nowMs;
    if (this.replica === null) this.#balancer.leave(this);
    else this.#release(this.replica, nowMs);
    const rolloutId = this.#passage.destination.route.split?.rolloutId;
    if (this.arm !== "candidate" || rolloutId === undefined) return;
    const { flights, time } = this.#passage.context;
    flights.ended(rolloutId, time.isKnown ? time.now() : null);
  }

  #release(replica: Replica, nowMs: number): void {
    this.#balancer.release(replica, nowMs - (this.sentMs ?? nowMs), nowMs);
  }

  #now(): number {
    return this.#passage.context.ports.clock.mono();
  }
}

/** OpenTelemetry's `error.type`. */
function errorOf(status: number): string {
  return status === 0 ? "no_answer" : String(status);
}
