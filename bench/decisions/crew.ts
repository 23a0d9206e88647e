// As many processes as there are cores, each given the next scenario when it is done with one.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Filled, Order } from "./worker-main.ts";

const WORKER = fileURLToPath(new URL("./worker-main.ts", import.meta.url));

/** In the order of `orders`. `onFilled` hears of each as it comes. */
export async function fillAll(
  orders: readonly Order[],
  workers: number,
  onFilled: (order: Order, filled: Filled) => void,
): Promise<readonly Filled[]> {
  const results = new Array<Filled>(orders.length);
  let next = 0;
  const work = async (): Promise<void> => {
    const child = fork(WORKER, { execArgv: process.execArgv });
    try {
      for (let at = next++; at < orders.length; at = next++) {
        const order = orders[at];
        if (order === undefined) continue;
        const filled = await ask(child, order);
        results[at] = filled;
        onFilled(order, filled);
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, orders.length) }, work));
  return results;
}

function ask(child: ChildProcess, order: Order): Promise<Filled> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`the process for ${order.scenario} ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as Filled);
    });
    child.send(order);
  });
}
