// Between a listener, which must not wait, and a stream, which may be slow: holds so many values and no more.

export type InboxOptions = {
  readonly limit: number;
  /** When full: forget the oldest, or close, so that the reader notices that it missed something. */
  readonly whenFull: "drop-oldest" | "close";
};

export class Inbox<T> {
  readonly #options: InboxOptions;
  readonly #values: T[] = [];
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  put(value: T): void {
    if (this.#isClosed) return;
    if (this.#values.length >= this.#options.limit) {
      if (this.#options.whenFull === "close") {
        this.close();
        return;
      }
      this.#values.shift();
    }
    this.#values.push(value);
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** The next value; null when none came in time; undefined once it is closed and empty. */
  async take(timeoutMs: number): Promise<T | null | undefined> {
    if (this.#values.length === 0 && !this.#isClosed) await this.#woken(timeoutMs);
    const value = this.#values.shift();
    if (value !== undefined) return value;
    return this.#isClosed ? undefined : null;
  }

  async #woken(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }
}
