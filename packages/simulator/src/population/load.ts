// An open-loop load over some transport: what is due is sent, and what the client cannot carry is counted as
// shed, never hidden. The same in real and in virtual time.
import type { Cancel, Clock } from "@slipway/core";
import { AnswerReader } from "./answer-reader.ts";
import type { Arrivals } from "./arrival.ts";
import { startPopulation } from "./population.ts";
import { type RequestBody, requestBody } from "./request-body.ts";
import type { SeenAnswer } from "./seen-answer.ts";
import { Tally, type TallySummary } from "./tally.ts";
import type { SimulatedRequest, Users } from "./users.ts";

export type Post = RequestBody & { readonly language: string };

/** Sends one request and feeds the reader; calling the result is the user leaving. */
export type SendPost = (post: Post, answer: AnswerReader) => Cancel;

export type LoadOptions = {
  readonly clock: Clock;
  readonly send: SendPost;
  /** The model name that users call. */
  readonly model: string;
  readonly arrivals: Arrivals;
  readonly users: Users;
  /** Requests under way at once; what is due beyond that is shed. */
  readonly inFlightMax?: number;
  /** A user waits this long for the end of an answer. */
  readonly timeoutMs?: number;
  readonly onAnswer?: (seen: SeenAnswer) => void;
  /** Called once, when finite arrivals are over. */
  readonly onOver?: () => void;
};

export type LoadReport = TallySummary & {
  readonly elapsedMs: number;
  /** Requests that were due: sent and shed together. */
  readonly due: number;
  readonly sent: number;
  readonly shed: number;
  readonly inFlight: number;
};

const IN_FLIGHT_MAX = 4000;
const TIMEOUT_MS = 60_000;

export class Load {
  readonly tally: Tally = new Tally();
  readonly #options: LoadOptions;
  readonly #startMs: number;
  readonly #stopPopulation: Cancel;
  #due = 0;
  #shed = 0;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  /** Starts now. */
  constructor(options: LoadOptions) {
    this.#options = options;
    const { clock, arrivals, users, onOver } = options;
    this.#startMs = clock.mono();
    this.#stopPopulation = startPopulation({
      clock,
      arrivals,
      users,
      issue: (request, dueMs) => this.#issue(request, dueMs),
      ...(onOver === undefined ? {} : { onOver }),
    });
  }

  report(): LoadReport {
    return {
      ...this.tally.summary(),
      elapsedMs: this.#options.clock.mono() - this.#startMs,
      due: this.#due,
      sent: this.#due - this.#shed,
      shed: this.#shed,
      inFlight: this.#inFlight,
    };
  }

  /** Sends nothing more; `done` comes once what is under way has ended, at the latest when users give up. */
  stop(done: () => void): void {
    this.#stopPopulation();
    if (this.#inFlight === 0) done();
    else this.#idle = done;
  }

  #issue(request: SimulatedRequest, dueMs: number): void {
    const { clock, send, model } = this.#options;
    const { inFlightMax = IN_FLIGHT_MAX, timeoutMs = TIMEOUT_MS } = this.#options;
    this.#due++;
    if (this.#inFlight >= inFlightMax) {
      this.#shed++;
      return;
    }
    this.#inFlight++;
    let leave: Cancel = () => {};
    const giveUp = clock.after(timeoutMs, () => {
      answer.givenUp();
      leave();
    });
    const answer = new AnswerReader({
      request,
      dueMs,
      now: clock.mono,
      finish: (seen) => {
        giveUp();
        this.#finish(seen);
      },
    });
    leave = send({ ...requestBody(request, model), language: request.language }, answer);
  }

  #finish(seen: SeenAnswer): void {
    this.#inFlight--;
    this.tally.count(seen);
    this.#options.onAnswer?.(seen);
    if (this.#inFlight === 0) this.#idle?.();
  }
}
