// The body of one request, as it comes: kept until it has ended, or until there is no room for it.

/** Of a body that is too large, so much more is thrown away before the connection is cut. */
export const DISCARDED_BYTES_MAX: number = 64 * 2 ** 20;

type FailReason = "too-large" | "no-room" | "aborted";
export type FailReading = (reason: FailReason) => void;

export class BodyReading {
  readonly #limitBytes: number;
  readonly #done: (body: Uint8Array) => void;
  readonly #take: (bytes: number) => boolean;
  readonly #fail: FailReading;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(
    limitBytes: number,
    take: (bytes: number) => boolean,
    done: (body: Uint8Array) => void,
    fail: FailReading,
  ) {
    this.#limitBytes = limitBytes;
    this.#take = take;
    this.#done = done;
    this.#fail = fail;
  }

  data(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limitBytes) this.#giveUp("too-large");
    else if (this.#take(chunk.length)) this.#chunks.push(chunk);
    else this.#giveUp("no-room");
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [only] = this.#chunks;
    const isOne = this.#chunks.length === 1 && only !== undefined;
    this.#done(isOne ? only : Buffer.concat(this.#chunks, this.#bytes));
  }

  closed(): void {
    if (!this.#isOver) this.#giveUp("aborted");
  }

  #giveUp(reason: FailReason): void {
    this.#isOver = true;
    this.#chunks.length = 0;
    this.#fail(reason);
  }
}
