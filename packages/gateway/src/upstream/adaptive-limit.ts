// How many requests an upstream takes at once, found by watching it. The rule is FAST TCP's (Wei, Jin, Low, Hegde: "FAST
// TCP: motivation, architecture, algorithms, performance", IEEE/ACM Transactions on Networking 14(6), 2006), the stable
// form of TCP Vegas, which Netflix's Gradient2 limit has too: keep a few requests waiting at the upstream, no more and no
// less. What waits there is told by Little's law from the time to the first token alone: how long an answer is, and how
// slowly its tokens come in a full batch, says nothing about a queue. A refusal for load (429, 503, 504, 529) or a time-out
// takes a fifth off, as in AIMD.

import type { Clock } from "@slipway/core";

/** Where all workers together begin, so that what an unloaded upstream needs is measured before it is loaded. */
const LIMIT_START = 16;
/** The least for all workers together. */
const LIMIT_MIN = 4;
/** First bytes that a step of the limit rests on, and how long they are collected at least. */
const WINDOW_SAMPLES = 25;
const WINDOW_MS_MIN = 500;
/** Share of the difference to the wanted queue that one step makes up for. FAST's gamma. */
const STEP = 0.5;
/** Below its threshold the limit grows by this factor a step, while nothing waits. */
const START_FACTOR = 1.5;
const BACKOFF = 0.8;
/** The limit grows only while at least this share of it is used. */
const USED_SHARE_MIN = 0.7;
/** The shortest time to the first token counts for so long, and for as long again; by wall time, as for all workers. */
const EPOCH_MS = 300_000;
/** At the end of an epoch at its limit, the upstream is given less for one window, so that its queue drains. */
const PROBE_SHARE = 0.75;
const HELD_WEIGHT = 0.1;

/** A mean time to the first token, and the mean input that it was for. */
type Baseline = { readonly ttftMs: number; readonly inputTokens: number };

export class AdaptiveLimit {
  #limit: number;
  #ceiling: number;
  /** Below it the limit grows fast: it has been higher before. */
  #threshold = Number.POSITIVE_INFINITY;
  #heldMs = 0;
  #baseline: Baseline | null = null;
  #baselineBefore: Baseline | null = null;
  #epoch: number | null = null;
  #members: number;
  #isProbing = false;
  /** What was sent before says nothing about the present limit. */
  #sinceMs: number;
  #samples = 0;
  #wholes = 0;
  #ttftMs = 0;
  #inputTokens = 0;
  #inFlight = 0;
  #inFlightMax = 0;

  /** `ceiling` is this worker's own, one of `members` that share the upstream. */
  constructor(ceiling: number, members: number, nowMs: number) {
    this.#ceiling = ceiling;
    this.#members = members;
    this.#limit = Math.min(ceiling, Math.max(1, LIMIT_START / members));
    this.#sinceMs = nowMs;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    const limit = this.#isProbing ? this.#limit * PROBE_SHARE : this.#limit;
    return Math.max(this.#least, Math.floor(limit));
  }

  get #least(): number {
    return Math.min(this.#ceiling, Math.max(1, Math.floor(LIMIT_MIN / this.#members)));
  }

  /** The most that it may ever find, and how many workers share the upstream now. */
  bound(ceiling: number, members: number): void {
    this.#ceiling = ceiling;
    this.#members = members;
    this.#limit = Math.min(this.#limit, ceiling);
  }

  /** A request gave its slot back. */
  held(heldMs: number): void {
    this.#heldMs =
      this.#heldMs === 0 ? heldMs : this.#heldMs + HELD_WEIGHT * (heldMs - this.#heldMs);
  }

  /** The first byte of a streamed answer has come; `inFlight` as it is now. */
  firstByte(sentMs: number, inputTokens: number, inFlight: number, clock: Clock): void {
    const nowMs = clock.mono();
    if (this.#isProbing && inFlight > this.limit) this.#sinceMs = nowMs;
    if (sentMs < this.#sinceMs) return;
    this.#samples++;
    this.#ttftMs += nowMs - sentMs;
    this.#inputTokens += inputTokens;
    this.#inFlight += inFlight;
    this.#inFlightMax = Math.max(this.#inFlightMax, inFlight);
    if (this.#samples < WINDOW_SAMPLES || nowMs - this.#sinceMs < WINDOW_MS_MIN) return;
    this.#step(nowMs, clock.wall());
  }

  /** A whole answer has come: it tells nothing of a wait, so that the limit grows slowly, as in AIMD, until a refusal. */
  whole(sentMs: number, inFlight: number, nowMs: number): void {
    if (sentMs < this.#sinceMs) return;
    this.#wholes++;
    this.#inFlightMax = Math.max(this.#inFlightMax, inFlight);
    if (this.#wholes < WINDOW_SAMPLES || nowMs - this.#sinceMs < WINDOW_MS_MIN) return;
    if (this.#samples > 0) return;
    if (this.#isUsed) this.#set(this.#limit + 1);
    this.#begin(nowMs);
  }

  /** The upstream refused a request for load, or did not begin to answer it in time. Of what was sent at once, one counts. */
  overloaded(sentMs: number, nowMs: number): void {
    if (sentMs < this.#sinceMs) return;
    this.#threshold = Math.max(this.#limit * BACKOFF, Math.min(this.#threshold, this.#limit));
    this.#set(this.#limit * BACKOFF);
    this.#begin(nowMs);
  }

  get #isUsed(): boolean {
    return this.#inFlightMax >= USED_SHARE_MIN * this.#limit;
  }

  #step(nowMs: number, wallMs: number): void {
    const ttftMs = this.#ttftMs / this.#samples;
    const inputTokens = this.#inputTokens / this.#samples;
    const inFlight = this.#inFlight / this.#samples;
    const isUsed = this.#isUsed;
    const wasProbing = this.#isProbing;
    this.#remember({ ttftMs, inputTokens }, isUsed, wallMs);
    if (wasProbing) {
      this.#begin(nowMs);
      return;
    }
    const excessMs = Math.max(0, ttftMs - this.#expectedMs(inputTokens));
    const waiting = this.#heldMs === 0 ? 0 : (inFlight * excessMs) / Math.max(this.#heldMs, ttftMs);
    // Of what all workers together keep waiting, the square root of their limit, each keeps its part.
    const wanted = Math.sqrt(this.#limit / this.#members);
    if (waiting < wanted / 2 && this.#limit < this.#threshold) {
      if (isUsed) this.#set(Math.min(this.#limit * START_FACTOR, this.#threshold));
    } else if (waiting > wanted || isUsed) {
      this.#threshold = Math.min(this.#threshold, this.#limit);
      this.#set(this.#limit + STEP * (wanted - waiting));
    }
    this.#begin(nowMs);
  }

  /** What an unloaded upstream would need: more for longer prompts, never less for shorter ones. */
  #expectedMs(inputTokens: number): number {
    const lowest = lower(this.#baseline, this.#baselineBefore);
    if (lowest === null) return Number.POSITIVE_INFINITY;
    return lowest.ttftMs * Math.max(1, inputTokens / Math.max(1, lowest.inputTokens));
  }

  #remember(measured: Baseline, isUsed: boolean, wallMs: number): void {
    const epoch = Math.floor(wallMs / EPOCH_MS);
    this.#epoch ??= epoch;
    this.#isProbing = false;
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#baselineBefore = this.#baseline;
      this.#baseline = null;
      // Busy all the time, it would forget what an empty upstream is like, and take its own queue for that.
      this.#isProbing = isUsed;
    }
    if (!this.#isProbing) this.#baseline = lower(this.#baseline, measured);
  }

  #set(limit: number): void {
    this.#limit = Math.min(this.#ceiling, Math.max(this.#least, limit));
  }

  #begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#samples = 0;
    this.#wholes = 0;
    this.#ttftMs = 0;
    this.#inputTokens = 0;
    this.#inFlight = 0;
    this.#inFlightMax = 0;
  }
}

function lower(a: Baseline | null, b: Baseline | null): Baseline | null {
  if (a === null || b === null) return a ?? b;
  return a.ttftMs <= b.ttftMs ? a : b;
}
