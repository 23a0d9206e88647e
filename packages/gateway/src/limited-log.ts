// Warnings about upstreams, or about answers, so many a second at most: an outage must not drown the log that is to explain it.

import type { Clock } from "@slipway/core";
import type { Log, LogFields } from "./ports.ts";

const LINES_PER_SECOND_MAX = 10;

export class LimitedLog {
  readonly #clock: Clock;
  readonly #log: Log;
  #second = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #suppressed = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  warn(fields: LogFields, message: string): void {
    const second = Math.floor(this.#clock.mono() / 1_000);
    if (second !== this.#second) {
      if (this.#suppressed > 0) {
        this.#log.warn({ suppressed: this.#suppressed }, "more warnings like these were left out");
      }
      this.#second = second;
      this.#lines = 0;
      this.#suppressed = 0;
    }
    this.#lines++;
    if (this.#lines <= LINES_PER_SECOND_MAX) this.#log.warn(fields, message);
    else this.#suppressed++;
  }
}
