// As many processes as there are cores, or as are wanted, each given the next order when it is done with one.
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

export type Crew<Order, Filled> = {
  /** A module that answers each message, an order, with one. */
  readonly worker: URL;
  /** Says what an order is, for an error. */
  readonly nameOf: (order: Order) => string;
  /** Processes at most; one for each core where absent. */
  readonly jobs?: number;
  /** Hears of each as it comes. */
  readonly onFilled?: (order: Order, filled: Filled) => void;
};

/** In the order of `orders`. */
export async function fillAll<Order extends object, Filled>(
  orders: readonly Order[],
  { worker, nameOf, onFilled, jobs = availableParallelism() }: Crew<Order, Filled>,
): Promise<readonly Filled[]> {
  const results = new Array<Filled>(orders.length);
  let next = 0;
  const work = async (): Promise<void> => {
    const child = fork(fileURLToPath(worker), { execArgv: process.execArgv });
    try {
      for (let at = next++; at < orders.length; at = next++) {
        const order = orders[at];
        if (order === undefined) continue;
        const filled = await ask<Filled>(child, order, nameOf(order));
        results[at] = filled;
        onFilled?.(order, filled);
      }
    } finally {
      child.kill();
    }
  };
  const workers = Math.min(jobs, orders.length);
  await Promise.all(Array.from({ length: workers }, work));
  return results;
}

function ask<Filled>(child: ChildProcess, order: object, name: string): Promise<Filled> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`the process for ${name} ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as Filled);
    });
    child.send(order);
  });
}
