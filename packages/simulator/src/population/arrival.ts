// When requests come and how long they are, whoever sends them: the interface between traces, synthetic
// processes and the population that plays them.

export type Arrival = {
  /** Since the start of the process. Never less than the one before. */
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
};

export type Arrivals = {
  /** The next arrival in order; undefined when there are no more. */
  readonly next: () => Arrival | undefined;
};

/** Arrivals up to a moment, as a list; for measuring a process and for tests. */
export function takeUntil(arrivals: Arrivals, untilMs: number): Arrival[] {
  const taken: Arrival[] = [];
  for (;;) {
    const arrival = arrivals.next();
    if (arrival === undefined || arrival.atMs >= untilMs) return taken;
    taken.push(arrival);
  }
}
