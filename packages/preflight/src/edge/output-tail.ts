// The end of what a command writes: bounded, without its secrets, and told line by line to whoever watches.

const TAIL_BYTES_MAX = 8 * 1024;
/** A longer line is not told. */
const LINE_LENGTH_MAX = 500;

export class OutputTail {
  readonly #secrets: readonly string[];
  readonly #heard: (line: string) => void;
  /** Read beyond what is kept: half a secret could be left where the rest was dropped. */
  readonly #margin: number;
  #bytes: Buffer = Buffer.alloc(0);
  #dropped = 0;
  #line = "";
  /** Whether what `#line` would begin with was too much. */
  #isLong = false;

  constructor(secrets: readonly string[], heard: (line: string) => void) {
    this.#secrets = secrets.filter((secret) => secret !== "");
    this.#heard = heard;
    this.#margin = Math.max(0, ...this.#secrets.map((secret) => Buffer.byteLength(secret)));
  }

  add(bytes: Buffer): void {
    const all = Buffer.concat([this.#bytes, bytes]);
    const over = Math.max(0, all.length - TAIL_BYTES_MAX - this.#margin);
    this.#dropped += over;
    this.#bytes = Buffer.from(all.subarray(over));
    this.#tell(bytes.toString("utf8"));
  }

  kept(): { readonly tail: string; readonly droppedBytes: number } {
    const text = this.#hidden(this.#bytes.toString("utf8"));
    const tail = text.slice(this.#dropped > 0 ? this.#margin : 0).slice(-TAIL_BYTES_MAX);
    return { tail, droppedBytes: this.#dropped + (text.length - tail.length) };
  }

  #tell(text: string): void {
    const lines = (this.#line + text).split("\n");
    const rest = lines.pop() ?? "";
    if (this.#isLong && lines.length > 0) {
      lines.shift();
      this.#isLong = false;
    }
    this.#isLong ||= rest.length > LINE_LENGTH_MAX;
    this.#line = this.#isLong ? "" : rest;
    const last = lines.findLast((line) => line.trim() !== "" && line.length <= LINE_LENGTH_MAX);
    if (last !== undefined) this.#heard(this.#hidden(last));
  }

  #hidden(text: string): string {
    return this.#secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  }
}
