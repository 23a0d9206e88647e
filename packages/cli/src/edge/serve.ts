// Runs a gateway or a controller in this process until it is told to stop: by a signal, or because the process
// that supervises it is gone.

import { EXIT } from "../exit-code.ts";
import type { Context } from "../terminal.ts";
import { failureOf, tellParent } from "./child-messages.ts";

export type Served = { readonly port: number; readonly close: () => Promise<void> };

export async function serve(
  context: Context,
  start: () => Promise<Served>,
  listening: (port: number) => string,
): Promise<void> {
  const stop = Promise.withResolvers<void>();
  let stopping = false;
  const forget = context.terminal.onStop(() => {
    // Asked twice: whoever asks has run out of patience.
    if (stopping) process.exit(EXIT.failed);
    stopping = true;
    stop.resolve();
  });
  process.once("disconnect", stop.resolve);
  try {
    const served = await started(start);
    tellParent({ type: "ready", port: served.port });
    if (process.send === undefined) context.terminal.out(listening(served.port));
    await stop.promise;
    stopping = true;
    await served.close();
  } finally {
    forget();
    process.off("disconnect", stop.resolve);
    if (process.connected) process.disconnect();
  }
}

async function started(start: () => Promise<Served>): Promise<Served> {
  try {
    return await start();
  } catch (error) {
    tellParent(failureOf(error));
    throw error;
  }
}
