// The bytes of one answer as they pass, up to a limit.

/** A longer answer, and one to a longer request, is not kept. */
export const TEXT_BYTES_MAX: number = 256 * 2 ** 10;

export class Capture {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    // A copy: what a transport reads into, it may read into again.
    if (this.#bytes <= TEXT_BYTES_MAX) this.#chunks.push(chunk.slice());
    else this.#chunks.length = 0;
  }

  get isTooLarge(): boolean {
    return this.#bytes > TEXT_BYTES_MAX;
  }

  text(): string {
    const decoder = new TextDecoder();
    return this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  }
}
