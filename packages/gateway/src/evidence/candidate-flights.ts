// Candidate requests still running, per rollout, and when the last one ended: what tells a controller that a
// rolled-back candidate has drained.

/** Rollouts remembered, newest last. */
const ROLLOUTS_MAX = 16;

type Flight = { running: number; endedAtMs: number | null };

export class CandidateFlights {
  readonly #flights = new Map<string, Flight>();

  started(rolloutId: string): void {
    const flight = this.#flights.get(rolloutId);
    if (flight !== undefined) {
      flight.running++;
      return;
    }
    this.#flights.set(rolloutId, { running: 1, endedAtMs: null });
    this.#forgetOldest();
  }

  /** `atMs` is controller time; null while that is not known. */
  ended(rolloutId: string, atMs: number | null): void {
    const flight = this.#flights.get(rolloutId);
    if (flight === undefined) return;
    flight.running--;
    flight.endedAtMs = atMs ?? flight.endedAtMs;
  }

  running(): { readonly [rolloutId: string]: number } {
    return Object.fromEntries([...this.#flights].map(([id, flight]) => [id, flight.running]));
  }

  endedAtMs(): { readonly [rolloutId: string]: number } {
    const ended: { [rolloutId: string]: number } = {};
    for (const [id, flight] of this.#flights) {
      if (flight.endedAtMs !== null) ended[id] = flight.endedAtMs;
    }
    return ended;
  }

  #forgetOldest(): void {
    if (this.#flights.size <= ROLLOUTS_MAX) return;
    for (const [id, flight] of this.#flights) {
      if (flight.running > 0) continue;
      this.#flights.delete(id);
      return;
    }
  }
}
