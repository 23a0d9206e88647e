// A coarse clock that many connections share, so that none needs a timer of its own: seconds, and the date as HTTP has it.

export type BeatTime = {
  readonly seconds: number;
  /** For Date headers. */
  readonly date: string;
};

export class Beat implements BeatTime {
  readonly #timer: NodeJS.Timeout;
  seconds = 0;
  date: string = new Date().toUTCString();

  constructor(everySecond: () => void) {
    this.#timer = setInterval(() => {
      this.seconds++;
      this.date = new Date().toUTCString();
      everySecond();
    }, 1_000).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
