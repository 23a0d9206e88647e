// One answer as it comes in, over whatever transport: times it, checks it to its end, and says what the user
// saw. The first ending counts; transports may report several.
import { type AnswerCheck, checkAnswer } from "./answer-check.ts";
import type { ErrorKind, SeenAnswer } from "./seen-answer.ts";
import type { SimulatedRequest } from "./users.ts";

export type AnswerReaderOptions = {
  readonly request: SimulatedRequest;
  readonly dueMs: number;
  /** The monotonic time. */
  readonly now: () => number;
  readonly finish: (seen: SeenAnswer) => void;
};

/** Looks up a header of the answer by its name in lower case. */
export type HeaderLookup = (name: string) => string | undefined;

export class AnswerReader {
  readonly #options: AnswerReaderOptions;
  #status = 0;
  #header: HeaderLookup = () => undefined;
  #check: AnswerCheck | undefined;
  #ttftMs: number | null = null;
  #ended = false;

  constructor(options: AnswerReaderOptions) {
    this.#options = options;
  }

  head(status: number, header: HeaderLookup): void {
    this.#status = status;
    this.#header = header;
    this.#check = checkAnswer(status, header("content-type") ?? "");
  }

  chunk(text: string): void {
    this.#ttftMs ??= this.#sinceDueMs();
    this.#check?.chunk(text);
  }

  /** The answer has ended as HTTP wants it. */
  end(): void {
    this.#finish(this.#check?.end() ?? null);
  }

  /** The connection is gone. After a proper end this changes nothing. */
  broken(): void {
    this.#finish(this.#check === undefined ? "transport" : "truncated");
  }

  /** The user has given up. */
  givenUp(): void {
    this.#finish("timeout");
  }

  #finish(error: ErrorKind | null): void {
    if (this.#ended) return;
    this.#ended = true;
    const { request, dueMs, finish } = this.#options;
    finish({
      user: request.user,
      index: request.index,
      arm: this.#header("x-slipway-arm") ?? "none",
      version: this.#header("x-slipway-version") ?? "none",
      requestId: this.#header("x-slipway-request-id") ?? null,
      replayedFrom: this.#header("x-slipway-replayed") ?? null,
      status: this.#status,
      error,
      dueMs,
      ttftMs: this.#ttftMs,
      totalMs: this.#sinceDueMs(),
    });
  }

  #sinceDueMs(): number {
    return this.#options.now() - this.#options.dueMs;
  }
}
