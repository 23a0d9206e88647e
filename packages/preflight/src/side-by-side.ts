// Works on many items, a bounded number of them at once, and answers in their order.

/** Ends at the first that throws; items that have not begun by then do not begin. */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  atOnceMax: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(items.length);
  const queue = items.entries();
  let broken = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (broken) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        broken = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(atOnceMax, items.length) }, worker);
  await Promise.all(workers);
  return results;
}
