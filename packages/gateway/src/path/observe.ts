// What becomes of requests, as metrics and traces are told.

import type { Heard, MirrorDrop, Outcome, ServingArm, Via } from "@slipway/core";
import type { Usage } from "../answer/usage.ts";
import type { AnswerDrop, ScoreDrop } from "../answers/drops.ts";
import type { Api } from "../api.ts";
import type { Turn } from "../evidence/observed.ts";
import type { Answered } from "../feedback/answer-id.ts";
import type { Placed } from "./placement.ts";

/** One finished request, for metrics. Times in milliseconds; null where there is none to tell. */
export type Observation = {
  readonly requestId: string;
  readonly api: Api;
  readonly model: string;
  readonly arm: ServingArm;
  readonly version: string;
  /** How it came to its arm; null without a split, and for what was diverted. */
  readonly via: Via | null;
  /** What continues a conversation, by whether this worker knows it. */
  readonly turn: Turn | null;
  /** What the user got. */
  readonly outcome: Outcome;
  /** How the candidate had failed before stable answered; null when it was not replayed. */
  readonly replayed: Outcome | null;
  readonly streamed: boolean;
  readonly durationMs: number;
  readonly ttftMs: number | null;
  readonly tpotMs: number | null;
  readonly overheadMs: number | null;
  readonly usage: Usage | null;
  /** The client whose key it carried; null where none are declared. */
  readonly client: string | null;
};

export type Observe = {
  readonly finished: (observation: Observation) => void;
  /** An upstream could not be reached, whether or not another took its place. */
  readonly unreached: (model: string, version: string, upstream: string) => void;
  /** Slipway answered with an error of its own before the request was on its way. */
  readonly refused: (code: string, client: string | null) => void;
  /** Feedback about an answer. */
  readonly heard: (answered: Answered, heard: Heard) => void;
  /** A request named an object of an earlier answer. */
  readonly placed: (model: string, placed: Placed) => void;
  /** An answer was kept for scoring, or should have been. */
  readonly answerKept: (model: string) => void;
  readonly answerDropped: (model: string, why: AnswerDrop) => void;
  /** A kept answer was scored, or should have been. */
  readonly answerScored: (model: string) => void;
  readonly scoreDropped: (model: string, why: ScoreDrop) => void;
  /** A copy has been answered, and nobody saw it. */
  readonly mirrored: (model: string, version: string, outcome: Outcome) => void;
  /** A copy was not sent. */
  readonly mirrorDropped: (model: string, why: MirrorDrop) => void;
  /** This worker left a candidate by itself. */
  readonly tripped: (model: string) => void;
};
