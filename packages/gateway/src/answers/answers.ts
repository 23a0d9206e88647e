// Answers kept for scoring: a sample of those that users got, and both answers to a mirrored request where its mirror says
// so. A request gives its bytes away and goes on; the rest happens later, a record at a time, and what does not fit is
// dropped and counted.

import type { AnswersPolicy, Clock, Outcome } from "@slipway/core";
import { chance, copiesFor } from "../mirror/sampling.ts";
import type { Identified } from "../path/identify.ts";
import type { Passage } from "../path/passage.ts";
import type { AnswerSpool } from "../ports.ts";
import { answerText, requestText } from "./answer-text.ts";
import { Capture, TEXT_BYTES_MAX } from "./capture.ts";
import { type Redact, redaction } from "./redaction.ts";

const SAMPLE_SEED = 0x4ee9;
/** Answers that are being captured, or wait to be written. */
const OPEN_MAX = 64;
const WRITE_EVERY_MS = 5;

export type AnswerDrop = "busy" | "too-large" | "disk";

export type AnswerEvents = {
  readonly kept: (model: string) => void;
  readonly dropped: (model: string, why: AnswerDrop) => void;
};

/** One line of a file. */
export type AnswerRecord = {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Both answers to a mirrored request have the same. */
  readonly id: string;
  readonly model: string;
  readonly version: string;
  readonly arm: "stable" | "candidate" | "shadow";
  readonly segment: string;
  readonly api: string;
  readonly outcome: Outcome;
  readonly request: string;
  readonly answer: string;
};

/** One request whose answers are kept. */
export type Kept = {
  readonly passage: Passage;
  readonly body: Uint8Array;
  /** Of the sample of live answers; else it is kept for its mirror alone. */
  readonly isLive: boolean;
  readonly capture: Capture;
};

type Waiting = Omit<AnswerRecord, "request" | "answer"> & {
  readonly body: Uint8Array;
  readonly capture: Capture;
  readonly policy: AnswersPolicy;
};

const decoder = new TextDecoder();

export class Answers {
  readonly #clock: Clock;
  readonly #spool: AnswerSpool | null;
  readonly #events: AnswerEvents;
  readonly #waiting: Waiting[] = [];
  readonly #redactions = new WeakMap<AnswersPolicy, Redact>();
  #open = 0;
  #isWriting = false;

  constructor(clock: Clock, spool: AnswerSpool | null, events: AnswerEvents) {
    this.#clock = clock;
    this.#spool = spool;
    this.#events = events;
  }

  /** Null for a request whose answer nobody keeps. */
  begin(passage: Passage, { body, modelless }: Identified): Kept | null {
    const { answers, mirror } = passage.destination.route;
    if (this.#spool === null || modelless || passage.api === "other") return null;
    const isLive = answers.sample > 0 && chance(passage.id, SAMPLE_SEED) < answers.sample;
    const isCopied = mirror?.keep === true && copiesFor(passage.id, mirror) > 0;
    if (!isLive && !isCopied) return null;
    const why = this.#refusal(body);
    if (why !== null) {
      if (isLive) this.#events.dropped(passage.destination.route.model, why);
      return null;
    }
    this.#open++;
    return { passage, body, isLive, capture: new Capture() };
  }

  #refusal(body: Uint8Array): AnswerDrop | null {
    if (body.length > TEXT_BYTES_MAX) return "too-large";
    return this.#open + this.#waiting.length >= OPEN_MAX ? "busy" : null;
  }

  /** The user's answer has ended. */
  ended({ passage, body, isLive, capture }: Kept, outcome: Outcome): void {
    this.#open--;
    // What the client did not wait for is no answer.
    if (outcome === "cancelled" || !(isLive || passage.pair !== null)) return;
    const { version } = passage.answeringBalancer;
    this.#add(passage, body, capture, { version: version.id, arm: passage.answeringArm, outcome });
  }

  /** A copy's answer has ended. */
  shadow({ passage, body }: Kept, version: string, outcome: Outcome, capture: Capture): void {
    this.#add(passage, body, capture, { version, arm: "shadow", outcome });
  }

  #add(
    passage: Passage,
    body: Uint8Array,
    capture: Capture,
    whose: Pick<AnswerRecord, "version" | "arm" | "outcome">,
  ): void {
    const { api, id, segment } = passage;
    const { answers: policy, model } = passage.destination.route;
    if (capture.isTooLarge || this.#waiting.length >= OPEN_MAX) {
      this.#events.dropped(model, capture.isTooLarge ? "too-large" : "busy");
      return;
    }
    const atMs = this.#clock.wall();
    this.#waiting.push({ atMs, id, model, segment, api, ...whose, body, capture, policy });
    this.#writeLater();
  }

  /** Writes what waits, before the worker stops. */
  flush(): void {
    for (const next of this.#waiting.splice(0)) this.#write(next);
  }

  #writeLater(): void {
    if (this.#isWriting || this.#waiting.length === 0) return;
    this.#isWriting = true;
    this.#clock.after(WRITE_EVERY_MS, () => {
      this.#isWriting = false;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#write(next);
      this.#writeLater();
    });
  }

  #write({ body, capture, policy, ...fields }: Waiting): void {
    const redact = this.#redactionOf(policy);
    const record: AnswerRecord = {
      ...fields,
      request: redact(requestText(decoder.decode(body))),
      answer: redact(answerText(capture.text())),
    };
    const isWritten = this.#spool?.write(fields.model, `${JSON.stringify(record)}\n`, policy);
    if (isWritten === true) this.#events.kept(fields.model);
    else this.#events.dropped(fields.model, "disk");
  }

  #redactionOf(policy: AnswersPolicy): Redact {
    const known = this.#redactions.get(policy) ?? redaction(policy.redact);
    this.#redactions.set(policy, known);
    return known;
  }
}
