// Scores live answers beside whoever serves them: one at a time in a thread, which starts with the first answer, has bounded
// memory, rests in proportion to what it worked, and is ended and begun again where an answer takes it too long.

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { LiveScores, ScorableAnswer } from "@slipway/core";
import type { LiveNews } from "./live-thread.ts";

/** Answers that wait. */
const WAITING_MAX = 64;
/** TypeScript's compiler with its library takes about 150. */
const MEMORY_MIB_MAX = 384;
const YOUNG_MIB_MAX = 32;
/** An answer that takes longer is given up, and the thread with it. */
const ANSWER_MS_MAX = 20_000;
/** It rests three times as long as it worked: a quarter of a processor at most. */
const REST_FACTOR = 3;
const REST_MS_MAX = 10_000;
/** After a thread has died; twice as long each time, until one has scored again. */
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 300_000;

/** Null for an answer that could not be scored. */
type Scored = (scores: LiveScores | null) => void;

export type LiveScorer = {
  /** False when too many wait. Else `done` is called, once, unless the scorer is closed before. */
  readonly score: (answer: ScorableAnswer, done: Scored) => boolean;
  readonly close: () => Promise<void>;
};

type Waiting = { readonly answer: ScorableAnswer; readonly done: Scored };

/** `warn`: why a thread died. */
export function liveScorer(warn: (because: string) => void): LiveScorer {
  return new ThreadedScorer(warn);
}

class ThreadedScorer implements LiveScorer {
  readonly #warn: (because: string) => void;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | null = null;
  /** The one that the thread is at. */
  #current: Waiting | null = null;
  #watchdog: NodeJS.Timeout | null = null;
  #resting: NodeJS.Timeout | null = null;
  #pauseMs = PAUSE_MS;
  #isClosed = false;

  constructor(warn: (because: string) => void) {
    this.#warn = warn;
  }

  readonly score = (answer: ScorableAnswer, done: Scored): boolean => {
    if (this.#isClosed || this.#waiting.length >= WAITING_MAX) return false;
    this.#waiting.push({ answer, done });
    this.#next();
    return true;
  };

  readonly close = async (): Promise<void> => {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#current = null;
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    if (this.#resting !== null) clearTimeout(this.#resting);
    await this.#worker?.terminate();
  };

  #next(): void {
    if (this.#current !== null || this.#resting !== null || this.#isClosed) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#current = next;
    const startedMs = performance.now();
    const worker = this.#worker ?? this.#begin();
    this.#watchdog = setTimeout(() => {
      this.#lose(worker, `an answer took more than ${ANSWER_MS_MAX / 1_000} s`);
    }, ANSWER_MS_MAX);
    worker.once("message", (news: LiveNews) => {
      if (this.#current !== next) return;
      this.#pauseMs = PAUSE_MS;
      if (news.kind === "failed") this.#warn(news.because);
      this.#settle(news.kind === "scored" ? news.scores : null);
      this.#rest(Math.min(REST_MS_MAX, REST_FACTOR * (performance.now() - startedMs)));
    });
    worker.postMessage(next.answer);
  }

  #begin(): Worker {
    // The source runs as .ts, what is published as .js.
    const here = fileURLToPath(import.meta.url);
    const file = new URL(`./live-thread${extname(here)}`, import.meta.url);
    const worker = new Worker(file, {
      resourceLimits: {
        maxOldGenerationSizeMb: MEMORY_MIB_MAX,
        maxYoungGenerationSizeMb: YOUNG_MIB_MAX,
      },
    });
    // It holds up nobody who wants to end.
    worker.unref();
    worker.once("error", (error) => this.#lose(worker, error.message));
    worker.once("exit", (code) => this.#lose(worker, `its thread ended with ${code}`));
    this.#worker = worker;
    return worker;
  }

  /** What it was at is given up; those that wait have another thread, after a pause. */
  #lose(worker: Worker, because: string): void {
    if (this.#worker !== worker || this.#isClosed) return;
    this.#worker = null;
    void worker.terminate();
    this.#warn(because);
    this.#settle(null);
    this.#rest(this.#pauseMs);
    this.#pauseMs = Math.min(PAUSE_MS_MAX, 2 * this.#pauseMs);
  }

  #settle(scores: LiveScores | null): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = null;
    const ended = this.#current;
    this.#current = null;
    ended?.done(scores);
  }

  #rest(restMs: number): void {
    if (this.#resting !== null) clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#resting = null;
      this.#next();
    }, restMs);
    this.#resting.unref();
  }
}
