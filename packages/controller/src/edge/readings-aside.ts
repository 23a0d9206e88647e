// Readings outside the controller's thread: a few at a time, the rest in turn. A verification that is under way
// answers everybody who asks meanwhile.

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { SlipwayError, type VerifyResult } from "@slipway/wire";
import type { Reading, Readings } from "../reading/readings.ts";
import { tooManyReadings } from "../refusal.ts";
import type { ReadingAnswer, ReadingOrder } from "./reading-worker.ts";

/** Each takes a core for as long as it runs. */
const AT_ONCE_MAX = 2;
const WAITING_MAX = 16;

export function createReadings(dataDir: string): Readings {
  let verifying: Promise<VerifyResult> | null = null;
  const turns = createTurns();
  const read = <T>(reading: Reading): Promise<T> =>
    turns(() => inWorker({ dataDir, reading }) as Promise<T>);
  return {
    verify: () => {
      verifying ??= read<VerifyResult>({ kind: "verify", ask: undefined }).finally(() => {
        verifying = null;
      });
      return verifying;
    },
    plan: (ask) => read({ kind: "plan", ask }),
    explain: (ask) => read({ kind: "explain", ask }),
    backtest: (ask) => read({ kind: "backtest", ask }),
    foresee: (ask) => read({ kind: "foresee", ask }),
    forecasts: (ask) => read({ kind: "forecasts", ask }),
    incidents: (ask) => read({ kind: "incidents", ask }),
    incident: (ask) => read({ kind: "incident", ask }),
    analysis: (ask) => read({ kind: "analysis", ask }),
    incidentRemarks: (ask) => read({ kind: "incidentRemarks", ask }),
    recentIncidents: (ask) => read({ kind: "recentIncidents", ask }),
    lessons: (ask) => read({ kind: "lessons", ask }),
    checklist: (ask) => read({ kind: "checklist", ask }),
    dora: (ask) => read({ kind: "dora", ask }),
    sideBySide: (ask) => read({ kind: "sideBySide", ask }),
  };
}

function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= AT_ONCE_MAX) {
      if (waiting.length >= WAITING_MAX) throw tooManyReadings();
      // Who is woken takes over the place of who has ended.
      await new Promise<void>((wake) => waiting.push(wake));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

function inWorker(order: ReadingOrder): Promise<unknown> {
  // The source runs as .ts, what is published as .js.
  const here = fileURLToPath(import.meta.url);
  const file = new URL(`./reading-worker${extname(here)}`, import.meta.url);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const worker = new Worker(file, { workerData: order });
  worker.once("message", (answer: ReadingAnswer) => {
    if (answer.ok) resolve(answer.result);
    else reject(new SlipwayError(answer));
  });
  worker.once("error", reject);
  worker.once("exit", () => reject(new Error(`the ${order.reading.kind} ended without a result`)));
  return promise;
}
