// Answers kept, and scored: a sample of those that users got, and both answers to a mirrored request where its mirror says
// so. A request gives its bytes away and goes on; the rest happens later, a record at a time, and what does not fit is
// dropped and counted.

import type { AnswersPolicy, Clock, Ending } from "@slipway/core";
import type { AnswerRecord } from "@slipway/wire";
import type { Answered } from "../feedback/answer-id.ts";
import type { MirrorAnswer } from "../mirror/mirror-ledger.ts";
import { chance, copiesFor } from "../mirror/sampling.ts";
import { answeredOf } from "../path/answered-of.ts";
import type { Identified } from "../path/identified.ts";
import type { Passage } from "../path/passage.ts";
import type { AnswerSpool } from "../ports.ts";
import { answerText, requestText } from "./answer-text.ts";
import { Capture, TEXT_BYTES_MAX } from "./capture.ts";
import type { AnswerDrop } from "./drops.ts";
import { type Redact, redaction } from "./redaction.ts";
import { type Scoring, spokenLanguage } from "./scoring.ts";

const SAMPLE_SEED = 0x4ee9;
/** Answers that are being captured, or wait to be written. */
const OPEN_MAX = 64;
const WRITE_EVERY_MS = 5;

export type AnswerEvents = {
  readonly kept: (model: string) => void;
  readonly dropped: (model: string, why: AnswerDrop) => void;
};

/** One request whose answers are kept. */
export type Kept = {
  readonly passage: Passage;
  readonly body: Uint8Array;
  /** Of the sample of live answers; else it is kept for its mirror alone. */
  readonly isLive: boolean;
  readonly language: string | null;
  readonly capture: Capture;
};

/** What is scored of an answer, beside its text. */
type Scorable = {
  readonly answered: Answered;
  readonly language: string | null;
  readonly ending: Ending | null;
};

/** The answer to a copy, whose it is, and by which mirror. */
export type AnsweredCopy = {
  readonly version: string;
  readonly mirror: string;
  readonly answer: MirrorAnswer;
};

type Whose = Pick<AnswerRecord, "version" | "arm" | "mirror">;
type Measured = Pick<AnswerRecord, "outcome" | "ending" | "totalMs" | "ttftMs" | "outputTokens">;

type Waiting = Omit<AnswerRecord, "request" | "answer"> & {
  readonly body: Uint8Array;
  readonly capture: Capture;
  readonly policy: AnswersPolicy;
  /** Null for what is not scored. */
  readonly scorable: Scorable | null;
};

const decoder = new TextDecoder();

export class Answers {
  readonly #clock: Clock;
  readonly #spool: AnswerSpool | null;
  readonly #scoring: Scoring | null;
  readonly #events: AnswerEvents;
  readonly #waiting: Waiting[] = [];
  readonly #redactions = new WeakMap<AnswersPolicy, Redact>();
  #open = 0;
  #isWriting = false;

  constructor(
    clock: Clock,
    spool: AnswerSpool | null,
    scoring: Scoring | null,
    events: AnswerEvents,
  ) {
    this.#clock = clock;
    this.#spool = spool;
    this.#scoring = scoring;
    this.#events = events;
  }

  /** Null for a request whose answer nobody keeps. */
  begin(passage: Passage, identified: Identified): Kept | null {
    const { body, modelless } = identified;
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
    // Only what will be scored needs its language.
    const isScored = isLive && answers.score !== undefined && this.#scoring !== null;
    const language = isScored ? spokenLanguage(passage, identified) : null;
    return { passage, body, isLive, language, capture: new Capture() };
  }

  #refusal(body: Uint8Array): AnswerDrop | null {
    if (body.length > TEXT_BYTES_MAX) return "too-large";
    return this.#open + this.#waiting.length >= OPEN_MAX ? "busy" : null;
  }

  /** The user's answer has ended. */
  ended(kept: Kept, answer: MirrorAnswer): void {
    const { passage, isLive } = kept;
    this.#open--;
    // What the client did not wait for is no answer.
    if (answer.outcome === "cancelled" || !(isLive || passage.pair !== null)) return;
    const { version } = passage.answeringBalancer;
    const whose = { version: version.id, arm: passage.answeringArm, mirror: null };
    const scorable = answer.outcome === "ok" ? this.#scorable(kept, answer.ending) : null;
    this.#add(kept, { ...whose, ...measured(answer) }, scorable);
  }

  /** Null for what is no evidence of a rollout, and so nobody's score. */
  #scorable({ passage, isLive, language }: Kept, ending: Ending | null): Scorable | null {
    const { answers } = passage.destination.route;
    if (!isLive || answers.score === undefined || this.#scoring === null) return null;
    const answered = answeredOf(passage);
    if (answered.cohort === null) return null;
    return { answered, language, ending };
  }

  /** A copy's answer has ended. */
  shadow(kept: Kept, { version, mirror, answer }: AnsweredCopy, capture: Capture): void {
    this.#add({ ...kept, capture }, { version, arm: "shadow", mirror, ...measured(answer) }, null);
  }

  #add({ passage, body, capture }: Kept, whose: Whose & Measured, scorable: Scorable | null): void {
    const { api, id, segment } = passage;
    const { answers: policy, model } = passage.destination.route;
    if (capture.isTooLarge || this.#waiting.length >= OPEN_MAX) {
      this.#events.dropped(model, capture.isTooLarge ? "too-large" : "busy");
      if (capture.isTooLarge && scorable !== null) this.#scoring?.tooLarge(scorable.answered);
      return;
    }
    const atMs = this.#clock.wall();
    const fields = { atMs, id, model, segment, api, ...whose };
    this.#waiting.push({ ...fields, body, capture, policy, scorable });
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

  #write({ body, capture, policy, scorable, ...fields }: Waiting): void {
    const redact = this.#redactionOf(policy);
    const request = requestText(decoder.decode(body));
    const answer = answerText(capture.text());
    const record: AnswerRecord = { ...fields, request: redact(request), answer: redact(answer) };
    if (scorable !== null) {
      // Before anything is hidden: what is hidden parses no more.
      const { answered, ...own } = scorable;
      this.#scoring?.offer(answered, policy, { ...own, api: fields.api, request, answer });
    }
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

function measured({ outcome, ending, totalMs, ttftMs, usage }: MirrorAnswer): Measured {
  return { outcome, ending, totalMs, ttftMs, outputTokens: usage?.outputTokens ?? null };
}
