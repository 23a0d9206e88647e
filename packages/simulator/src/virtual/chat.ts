// Chat completions of a simulated model server in virtual time, as promises: for code that asks and awaits. The clock
// stands still until what awaits an answer has gone on.
import type { Cancel } from "@slipway/core";
import type { ModelServer } from "../server/model-server.ts";
import type { VirtualClock } from "./clock.ts";

export type ChatQuestion = {
  readonly body: { readonly [field: string]: unknown };
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** What a client makes of it: the times count from sending. */
export type ChatOutcome =
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly refusal: null;
      readonly toolCalls: readonly [];
      readonly finishReason: null;
      readonly usage: {
        readonly promptTokens: number;
        readonly completionTokens: number;
        readonly cachedTokens: number;
      } | null;
      readonly ttftMs: number;
      readonly totalMs: number;
      readonly gapMsMax: number;
      readonly pieces: number;
    }
  | {
      readonly kind: "rejection";
      readonly status: number;
      readonly code: null;
      readonly parameter: null;
      readonly totalMs: number;
    }
  | {
      readonly kind: "failure";
      readonly because: "timeout" | "connection" | "broken-off" | "unreadable" | "aborted";
      readonly totalMs: number;
    };

type Failed = Extract<ChatOutcome, { kind: "failure" }>["because"];

/** Promises chained to an answer's are this deep at most. */
const HOPS = 8;

export class VirtualChat {
  readonly #server: ModelServer;
  readonly #clock: VirtualClock;
  #isUnsettled = true;

  constructor(server: ModelServer, clock: VirtualClock) {
    this.#server = server;
    this.#clock = clock;
  }

  readonly ask = (question: ChatQuestion): Promise<ChatOutcome> => {
    const { promise, resolve } = Promise.withResolvers<ChatOutcome>();
    const reading = new Reading(this.#clock, (outcome) => {
      this.#isUnsettled = true;
      resolve(outcome);
    });
    reading.start(this.#server, question);
    return promise;
  };

  /** Moves the clock until this is over. Throws where it waits for something else than an answer or a timer. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    void work.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    await hops();
    while (!isOver) {
      const moved = this.#clock.step();
      if (!moved) {
        await hops();
        if (!isOver && this.#clock.pending === 0) throw new Error("nothing moves any more");
      } else if (this.#isUnsettled) {
        this.#isUnsettled = false;
        await hops();
      }
    }
    return await work;
  }
}

async function hops(): Promise<void> {
  for (let hop = 0; hop < HOPS; hop++) await undefined;
}

/** One answer as it comes. Pieces of one moment are one piece, as on a socket. */
class Reading {
  readonly #clock: VirtualClock;
  readonly #finish: (outcome: ChatOutcome) => void;
  readonly #sentMs: number;
  #status = 0;
  #firstMs: number | null = null;
  #lastMs = 0;
  #gapMsMax = 0;
  #pieces = 0;
  #last = "";
  #isOver = false;
  #leave: Cancel = () => {};

  constructor(clock: VirtualClock, finish: (outcome: ChatOutcome) => void) {
    this.#clock = clock;
    this.#finish = finish;
    this.#sentMs = clock.mono();
  }

  start(server: ModelServer, { body, timeoutMs, signal }: ChatQuestion): void {
    const model = server.version.model;
    const text = JSON.stringify({
      ...body,
      model,
      stream: true,
      stream_options: { include_usage: true },
    });
    const request = {
      method: "POST",
      path: "/v1/chat/completions",
      authorization: undefined,
      body: text,
    };
    const giveUp = this.#clock.after(timeoutMs, () => this.#failed("timeout"));
    const stop = (): void => this.#failed("aborted");
    signal.addEventListener("abort", stop, { once: true });
    const leave = server.handle(request, {
      head: (status) => {
        this.#status = status;
      },
      chunk: (piece) => this.#chunk(piece),
      end: () => this.#ended(),
      cut: () => this.#failed(this.#status === 0 ? "connection" : "broken-off"),
    });
    this.#leave = () => {
      giveUp();
      signal.removeEventListener("abort", stop);
      leave();
    };
    if (this.#isOver) this.#leave();
  }

  #chunk(piece: string): void {
    this.#last = piece === DONE ? this.#last : piece;
    if (!piece.includes('"content":"') || piece.includes('"content":""')) return;
    const nowMs = this.#clock.mono();
    if (this.#firstMs === null) this.#firstMs = nowMs;
    else if (nowMs > this.#lastMs) this.#gapMsMax = Math.max(this.#gapMsMax, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#pieces++;
  }

  #ended(): void {
    const totalMs = this.#clock.mono() - this.#sentMs;
    if (this.#status !== 200) {
      const status = this.#status;
      this.#over({ kind: "rejection", status, code: null, parameter: null, totalMs });
    } else if (this.#pieces === 0) this.#failed("unreadable");
    else {
      this.#over({
        kind: "answer",
        text: "",
        refusal: null,
        toolCalls: [],
        finishReason: null,
        usage: usageIn(this.#last),
        ttftMs: (this.#firstMs ?? this.#clock.mono()) - this.#sentMs,
        totalMs,
        gapMsMax: this.#gapMsMax,
        pieces: this.#pieces,
      });
    }
  }

  #failed(because: Failed): void {
    this.#over({ kind: "failure", because, totalMs: this.#clock.mono() - this.#sentMs });
  }

  #over(outcome: ChatOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#finish(outcome);
  }
}

const DONE = "data: [DONE]\n\n";
const USAGE =
  /"prompt_tokens":(\d+),"completion_tokens":(\d+),.*"prompt_tokens_details":\{"cached_tokens":(\d+)/;

function usageIn(piece: string): Extract<ChatOutcome, { kind: "answer" }>["usage"] {
  const match = USAGE.exec(piece);
  if (match === null) return null;
  const [promptTokens = 0, completionTokens = 0, cachedTokens = 0] = match.slice(1).map(Number);
  return { promptTokens, completionTokens, cachedTokens };
}
