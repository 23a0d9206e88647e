// What a process that has died is waiting for.

/**
 * A promise that nothing settles; a new one for everybody who waits, since whoever waits lives as long as what he waits for:
 * one for all would keep every world that was ever run.
 */
export function never(): Promise<never> {
  return new Promise(() => {});
}
