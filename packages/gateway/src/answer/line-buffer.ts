// Cuts chunks into lines. A line that lies within one chunk is handed on where it stands; only what crosses a
// border is copied.

/** Of a longer line only so much is kept; the rest passes unread. */
const LINE_BYTES_MAX = 2 ** 20;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export type VisitLine = (bytes: Uint8Array, start: number, end: number) => void;

export class LineBuffer {
  readonly #visit: VisitLine;
  #carry = new Uint8Array(0);
  #carried = 0;

  constructor(visit: VisitLine) {
    this.#visit = visit;
  }

  /** No line has begun and not ended. */
  get isEmpty(): boolean {
    return this.#carried === 0;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end === -1) break;
      if (this.#carried > 0) {
        this.#keep(chunk, start, end);
        this.#emit(this.#carry, 0, this.#carried);
        this.#carried = 0;
      } else {
        this.#emit(chunk, start, end);
      }
      start = end + 1;
    }
    this.#keep(chunk, start, chunk.length);
  }

  /** The last line may lack its end. */
  flush(): void {
    if (this.#carried > 0) this.#emit(this.#carry, 0, this.#carried);
    this.#carried = 0;
  }

  #emit(bytes: Uint8Array, start: number, lineEnd: number): void {
    // As long as if it had been carried: what a line says must not hang on where chunks end.
    const end = Math.min(lineEnd, start + LINE_BYTES_MAX);
    const trimmed = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    this.#visit(bytes, start, trimmed);
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, LINE_BYTES_MAX - this.#carried);
    if (length <= 0) return;
    const needed = this.#carried + length;
    if (needed > this.#carry.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#carry.length, 256));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    this.#carry.set(chunk.subarray(start, start + length), this.#carried);
    this.#carried = needed;
  }
}
