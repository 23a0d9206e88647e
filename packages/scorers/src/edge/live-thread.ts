// The thread that live answers are scored in. It has the lowest priority that there is, so that it takes what the
// requests leave of the processors.

import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import type { LiveScores, ScorableAnswer } from "@slipway/core";
import { liveScores } from "../live.ts";
import { liveInstruments } from "./live-instruments.ts";

/** Of the answer that was sent last. */
export type LiveNews =
  | { readonly kind: "scored"; readonly scores: LiveScores }
  | { readonly kind: "failed"; readonly because: string };

const port = parentPort;
if (port === null) throw new Error("live-thread runs in a thread of its own");
// On Linux this is the priority of the calling thread; elsewhere it would be that of the gateway.
if (process.platform === "linux") setPriority(0, constants.priority.PRIORITY_LOW);
const instruments = liveInstruments();
const tell = (news: LiveNews): void => port.postMessage(news);

port.on("message", (answer: ScorableAnswer) => {
  liveScores(answer, instruments).then(
    (scores) => tell({ kind: "scored", scores }),
    (error: unknown) =>
      tell({ kind: "failed", because: error instanceof Error ? error.message : String(error) }),
  );
});
