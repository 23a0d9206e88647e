// This worker's share of what is limited for all workers together. The controller's acknowledgements say how many live
// workers there are; before the first, the workers of this gateway are all that is known.

export class FleetShare {
  #members: number;
  #rank: number;

  /** `rank`: this worker's place among them, from 0. */
  constructor(members: number, rank: number) {
    this.#members = members;
    this.#rank = rank;
  }

  get members(): number {
    return this.#members;
  }

  learn(members: number, rank: number): void {
    this.#members = Math.max(1, members);
    this.#rank = rank;
  }

  /**
   * Whole slots out of `max`. The shares of all workers add up to `max`, unless it is less than their number: then each
   * has one, since a worker without any could serve nobody.
   */
  slotsOf(max: number): number {
    const whole = Math.floor(max / this.#members);
    const extra = this.#rank < max % this.#members ? 1 : 0;
    return Math.max(1, whole + extra);
  }

  /** A share of a rate. */
  rateOf(perMinute: number): number {
    return perMinute / this.#members;
  }
}
