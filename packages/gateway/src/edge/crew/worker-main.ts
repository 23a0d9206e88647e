// The entry of a worker process. It does what its primary says, and ends with it.

import { SlipwayError } from "@slipway/wire";
import type { Answer, Ask, ToPrimary, ToWorker } from "./crew-messages.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

/** Longer than the primary waits for the workers it asks. */
const METRICS_MS_MAX = 6_000;

const tell = (message: ToPrimary): void => {
  process.send?.(message);
};

type Metrics = Pick<Extract<ToWorker, { kind: "metrics-text" }>, "text" | "reason">;

class WorkerProcess {
  #worker: RunningWorker | null = null;
  readonly #metricsWanted = new Map<number, (answer: Metrics) => void>();
  #nextId = 1;

  hear(message: ToWorker): void {
    switch (message.kind) {
      case "boot":
        void this.#boot(message);
        break;
      case "ask":
        void this.#ask(message.id, message.ask);
        break;
      case "objects":
        this.#worker?.hearObjects(message.objects);
        break;
      case "metrics-text":
        this.#metricsWanted.get(message.id)?.(message);
        break;
    }
  }

  async #boot(boot: Extract<ToWorker, { kind: "boot" }>): Promise<void> {
    try {
      this.#worker = await startWorker({
        ...boot,
        metricsText: () => this.#metricsText(),
        shareObjects: (objects) => tell({ kind: "objects", objects }),
        onTrip: (model, rolloutId) => tell({ kind: "tripped", model, rolloutId }),
      });
      tell({ kind: "listening" });
    } catch (error) {
      const isOwn = error instanceof SlipwayError;
      tell({
        kind: "failed",
        code: isOwn ? error.code : "worker_failed",
        message: error instanceof Error ? error.message : String(error),
        fix: isOwn ? error.fix : null,
      });
    }
  }

  async #ask(id: number, ask: Ask): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    tell({ kind: "answer", id, answer: await answerOf(worker, ask) });
    if (ask.do === "close") process.disconnect();
  }

  #metricsText(): Promise<string> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const settle = ({ text, reason }: Metrics): void => {
        clearTimeout(timer);
        this.#metricsWanted.delete(id);
        if (text === null) reject(new Error(reason ?? "unknown"));
        else resolve(text);
      };
      const late = { text: null, reason: "the primary process did not answer in time" };
      const timer = setTimeout(() => settle(late), METRICS_MS_MAX);
      this.#metricsWanted.set(id, settle);
      tell({ kind: "metrics-wanted", id });
    });
  }
}

async function answerOf(worker: RunningWorker, ask: Ask): Promise<Answer> {
  switch (ask.do) {
    case "snapshot":
      return { snapshot: worker.snapshot() };
    case "metrics":
      return { metrics: await worker.metrics.registry.getMetricsAsJSON() };
    case "divert":
      worker.divert(ask.model, ask.on);
      return { done: true };
    case "trip":
      worker.followTrip(ask.model, ask.rolloutId);
      return { done: true };
    case "grant":
      worker.grant(ask.grants);
      return { done: true };
    case "reload":
      return reloaded(worker);
    case "close":
      await worker.close();
      return { done: true };
  }
}

function reloaded(worker: RunningWorker): Answer {
  try {
    worker.reload();
    return { done: true };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

const self = new WorkerProcess();
process.on("message", (message: ToWorker) => self.hear(message));
// A signal to the whole process group reaches workers too; the primary says when to stop.
process.on("SIGTERM", () => {});
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
tell({ kind: "ready" });
