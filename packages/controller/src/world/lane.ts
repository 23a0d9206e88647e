// The one lane in which everything that changes the controller's state runs, one turn after the other: a turn
// computes from the state in memory, commits, and only then replaces the state.

export type Lane = {
  /** Resolves with the work's own outcome, after all turns before it have ended. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether a turn runs or waits. */
  readonly busy: () => boolean;
};

export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  let turns = 0;
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = last;
    let done: () => void = () => {};
    last = new Promise<void>((resolve) => {
      done = resolve;
    });
    turns++;
    try {
      await before;
      return await work();
    } finally {
      turns--;
      done();
    }
  };
  return { run, busy: () => turns > 0 };
}
