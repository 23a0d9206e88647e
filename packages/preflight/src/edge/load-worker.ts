// The thread that load is generated in: nothing else runs here, so that what is late is late because the machine is.

import { parentPort, workerData } from "node:worker_threads";
import type { Shot } from "@slipway/core";
import { shoot } from "../load/generator.ts";
import type { Volley } from "../load/volley.ts";
import { chatClient } from "./chat-client.ts";
import { systemClock } from "./system-clock.ts";

/** What the thread says; an error ends it. */
export type LoadNews =
  | { readonly kind: "progress"; readonly done: number; readonly of: number }
  | { readonly kind: "over"; readonly shots: readonly Shot[] };

/** Progress is told so often at most. */
const NEWS_MS = 500;

const port = parentPort;
if (port === null) throw new Error("load-worker runs in a thread of its own");
const stop = new AbortController();
port.once("message", () => stop.abort());
const client = chatClient();
const news = (one: LoadNews): void => port.postMessage(one);
let toldMs = systemClock.mono();
const shots = await shoot({ clock: systemClock, ask: client.ask }, workerData as Volley, {
  signal: stop.signal,
  progress: (done, of) => {
    const nowMs = systemClock.mono();
    if (nowMs - toldMs < NEWS_MS) return;
    toldMs = nowMs;
    news({ kind: "progress", done, of });
  },
});
news({ kind: "over", shots });
await client.close();
port.close();
