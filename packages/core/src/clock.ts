// The clock port. Every process reads time through one of these, so that the same code runs in real
// and in virtual time; core itself never reads a clock, it takes `now` as an argument.

/** Stops a timer that has not fired yet; calling it later, or twice, does nothing. */
export type Cancel = () => void;

export type Clock = {
  /** Wall time in milliseconds since the Unix epoch. May jump. */
  readonly wall: () => number;
  /** Monotonic time in milliseconds, with a fraction. Never goes back; its origin means nothing. */
  readonly mono: () => number;
  /** Calls `fire` once, `delayMs` from now on the monotonic clock. */
  readonly after: (delayMs: number, fire: () => void) => Cancel;
};
