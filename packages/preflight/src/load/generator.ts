// The generator of load: an open loop over a schedule. What is due is sent, whatever became of the requests before, and
// every shot says how late this program itself was. It runs on a clock that is given, in real or in virtual time.

import type { Clock, DueShot, Shot, ShotFailure } from "@slipway/core";
import type { Ask, Outcome } from "../ask.ts";
import type { Endpoint } from "../endpoint.ts";
import { Pauses } from "./pauses.ts";
import { promptText } from "./prompt-text.ts";
import type { Volley, VolleyWatch } from "./volley.ts";

export type GeneratorPorts = { readonly clock: Clock; readonly ask: Ask };

export function shoot(
  ports: GeneratorPorts,
  volley: Volley,
  watch: VolleyWatch,
): Promise<readonly Shot[]> {
  return new Generator(ports, volley, watch).run();
}

type Place = { readonly endpoint: Endpoint; inFlight: number };

/** A shot that has been picked up and has no place yet. */
type Waiting = { readonly due: DueShot; readonly number: number; readonly lagMs: number };

// Sums of times differ in their last bits; without this a timer could come "too early" for ever.
const ROUNDING_MS = 1e-6;

/** How often it looks whether it was held up. */
const HEARTBEAT_MS = 10;

class Generator {
  readonly #ports: GeneratorPorts;
  readonly #volley: Volley;
  readonly #watch: VolleyWatch;
  readonly #places: readonly Place[];
  readonly #startMs: number;
  readonly #shots: Shot[] = [];
  /** As long as the schedule at most. */
  readonly #waiting: Waiting[] = [];
  readonly #left = new AbortController();
  readonly #pauses = new Pauses();
  #waitingFrom = 0;
  #next = 0;
  #inFlight = 0;
  #turn = 0;
  #isOver = false;
  #done: (shots: readonly Shot[]) => void = () => {};
  #cancel: () => void = () => {};
  #cancelEnd: () => void = () => {};
  #cancelBeat: () => void = () => {};

  constructor(ports: GeneratorPorts, volley: Volley, watch: VolleyWatch) {
    this.#ports = ports;
    this.#volley = volley;
    this.#watch = watch;
    this.#places = volley.endpoints.map((endpoint) => ({ endpoint, inFlight: 0 }));
    this.#startMs = ports.clock.mono();
  }

  run(): Promise<readonly Shot[]> {
    const { promise, resolve } = Promise.withResolvers<readonly Shot[]>();
    this.#done = resolve;
    const { endMs } = this.#volley;
    const { signal } = this.#watch;
    if (signal.aborted) return Promise.resolve([]);
    signal.addEventListener("abort", this.#end, { once: true });
    if (endMs !== null) this.#cancelEnd = this.#ports.clock.after(endMs, this.#end);
    this.#beat(this.#now());
    this.#pump();
    return promise;
  }

  /** What comes later than it was to come tells since when nothing was read. */
  #beat(nowMs: number): void {
    const dueMs = nowMs + HEARTBEAT_MS;
    this.#cancelBeat = this.#ports.clock.after(HEARTBEAT_MS, () => {
      const laterMs = this.#now();
      this.#pauses.add(dueMs, laterMs);
      this.#beat(laterMs);
    });
  }

  #now(): number {
    return this.#ports.clock.mono() - this.#startMs;
  }

  /** Picks up everything that is due by now, and comes back for the next. */
  readonly #pump = (): void => {
    const { schedule } = this.#volley;
    const nowMs = this.#now();
    let due = schedule[this.#next];
    while (due !== undefined && due.dueMs <= nowMs + ROUNDING_MS) {
      const number = this.#volley.firstNumber + this.#next;
      this.#waiting.push({ due, number, lagMs: Math.max(0, nowMs - due.dueMs) });
      due = schedule[++this.#next];
    }
    this.#fill();
    if (due !== undefined && !this.#isOver) {
      this.#cancel = this.#ports.clock.after(Math.max(0, due.dueMs - this.#now()), this.#pump);
    }
  };

  #fill(): void {
    for (;;) {
      const waiting = this.#waiting[this.#waitingFrom];
      const place = waiting === undefined ? undefined : this.#freePlace();
      if (waiting === undefined || place === undefined || this.#isOver) break;
      this.#waitingFrom++;
      this.#send(waiting, place);
    }
    const isAllSent =
      this.#next >= this.#volley.schedule.length && this.#waitingFrom >= this.#waiting.length;
    // What is under way when the last one goes out ends in emptier and emptier engines: of a full step it says nothing.
    if (isAllSent && (this.#inFlight === 0 || this.#volley.kind === "full")) this.#end();
  }

  /** The endpoint with the least under way, in turn where they are alike. */
  #freePlace(): Place | undefined {
    let least: Place | undefined;
    for (let i = 0; i < this.#places.length; i++) {
      const place = this.#places[(this.#turn + i) % this.#places.length];
      if (place === undefined || place.inFlight >= this.#volley.inFlightMax) continue;
      if (least === undefined || place.inFlight < least.inFlight) least = place;
    }
    this.#turn++;
    return least;
  }

  #send({ due, number, lagMs }: Waiting, place: Place): void {
    const sentMs = this.#now();
    const isFull = this.#volley.kind === "full";
    const dueMs = isFull ? sentMs : due.dueMs;
    const timeoutMs = this.#volley.timeoutMs - (sentMs - dueMs);
    const sent = { step: due.step, dueMs, lagMs: isFull ? 0 : lagMs };
    if (timeoutMs <= 0) {
      this.#count({ ...sent, ...UNSENT });
      return;
    }
    place.inFlight++;
    this.#inFlight++;
    const { inFlight } = place;
    void this.#asked(due, number, place.endpoint, timeoutMs).then((outcome) => {
      place.inFlight--;
      this.#inFlight--;
      if (this.#isOver) return;
      const ended = endedShot(outcome, sentMs);
      // How late it was read is known at the end.
      if (ended !== null) this.#count({ ...sent, ...ended, ...ON_TIME, sentMs, inFlight });
      this.#fill();
    });
  }

  #asked(
    { promptTokens, outputTokens, blocks }: DueShot,
    number: number,
    endpoint: Endpoint,
    timeoutMs: number,
  ): Promise<Outcome> {
    const content = promptText({ promptTokens, blocks }, number);
    return this.#ports.ask({
      endpoint,
      body: {
        messages: [{ role: "user", content }],
        max_tokens: outputTokens,
        ...(this.#volley.ignoreEos ? { ignore_eos: true } : {}),
      },
      stream: true,
      timeoutMs,
      signal: this.#left.signal,
    });
  }

  #count(shot: Shot): void {
    this.#shots.push(shot);
    this.#watch.progress(this.#shots.length, this.#volley.schedule.length);
  }

  readonly #end = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
    this.#cancelEnd();
    this.#cancelBeat();
    this.#watch.signal.removeEventListener("abort", this.#end);
    this.#left.abort();
    this.#done(this.#shots.map((shot) => this.#pauses.noted(shot)));
  };
}

type Ended = Pick<
  Shot,
  "firstMs" | "lastMs" | "failure" | "status" | "usage" | "chunks" | "stallMs"
>;

const NOTHING = { firstMs: null, lastMs: null, usage: null, chunks: 0, stallMs: 0 } as const;
const ON_TIME = { firstLateMs: 0, lastLateMs: 0 } as const;
const UNSENT = {
  ...NOTHING,
  ...ON_TIME,
  failure: "timeout",
  status: 0,
  sentMs: null,
  inFlight: 0,
} as const;

/** Null for what nobody waited for. */
function endedShot(outcome: Outcome, sentMs: number): Ended | null {
  if (outcome.kind === "rejection")
    return { ...NOTHING, failure: "status", status: outcome.status };
  if (outcome.kind === "failure") {
    const failure = failureOf(outcome.because);
    return failure === null ? null : { ...NOTHING, failure, status: 0 };
  }
  const { pieces, ttftMs, totalMs, gapMsMax, usage } = outcome;
  return {
    firstMs: sentMs + ttftMs,
    lastMs: sentMs + totalMs,
    failure: null,
    status: 200,
    usage:
      usage === null
        ? null
        : {
            promptTokens: usage.promptTokens,
            cachedTokens: usage.cachedTokens,
            outputTokens: usage.completionTokens,
          },
    chunks: pieces,
    stallMs: gapMsMax,
  };
}

function failureOf(because: Extract<Outcome, { kind: "failure" }>["because"]): ShotFailure | null {
  return because === "aborted" ? null : because;
}
