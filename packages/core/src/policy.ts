// How a model's rollouts proceed: stages, what must hold, what must never break, and how users are told apart.

import type { AnswersPolicy } from "./answers.ts";
import type { AudiencePolicy } from "./audience.ts";
import type { BaselineInForce } from "./baseline/baseline.ts";
import type { Guard } from "./guards/guard.ts";
import type { LessonInForce } from "./incident/lessons/lesson.ts";
import type { Dimension } from "./segment.ts";
import type { Stage } from "./stage.ts";
import type { Trend } from "./trends/trend.ts";
import type { TripPolicy } from "./trip/trip.ts";

/** How the gateway finds out whose request it is. */
export type KeyPolicy = {
  /** Header looked at first, lower case; null for none. The body's own fields come after it. */
  readonly header: string | null;
  /** Whether, as a last resort, the client's API key stands for a user. */
  readonly apiKeyIsUser: boolean;
  /** Where a request without any key goes: to stable, or split request by request. */
  readonly withoutKey: "stable" | "per-request";
};

export type EvidencePolicy = {
  /** Length of a tick of evidence. */
  readonly tickMs: number;
  /** A request still open this long after its arrival is judged then: bad, and over every limit. */
  readonly horizonMs: number;
  /** What requests are told apart by. The first is judged by itself; none for one segment. */
  readonly segments: readonly Dimension[];
};

export type ReplayPolicy = {
  /** Whether a candidate's failure before the first byte is replayed once to stable. */
  readonly enabled: boolean;
  /** Replays per candidate request over the last ten seconds, at most this share plus ten. */
  readonly budget: number;
};

/** Whose turn it is when slots are scarce. */
export type PriorityPolicy = {
  /** Header that names a request's priority, lower case; null for none. The body's service tier comes after it. */
  readonly header: string | null;
  /** Values of the header, lower case, that mean work nobody waits for. */
  readonly background: readonly string[];
  /** Of what says nothing. */
  readonly otherwise: "interactive" | "background";
};

export type LeasePolicy = {
  /** How long a gateway may route to a candidate without hearing from a controller. */
  readonly durationMs: number;
  /** After a lapse: serve stable only until renewed, or keep the split. */
  readonly onLapse: "stable" | "keep";
};

/** Whether the next stage's load is forecast before it, and what happens where that cannot be done. */
export type ForecastPolicy = {
  readonly enabled: boolean;
  /** `ask-at-risk`: only where one of the readings that are left open goes over a limit. */
  readonly unknown: "ask" | "ask-at-risk" | "proceed";
};

export type Policy = {
  /** `observe`: rollouts only say what they would do, until an operator has them act; they act where absent. */
  readonly mode?: "observe";
  readonly stages: readonly Stage[];
  /** A stage that its sequential guards do not let pass for so long asks an operator. */
  readonly stageLimitMs: number;
  /**
   * At most this chance, over all sequential guards that turn a rollout back, that one does so although its candidate
   * is no worse; as much again for those that hold it, and for those that warn.
   */
  readonly falseAlarmMax: number;
  /**
   * Percent of users who stay on stable in the stage of 100% and in bake, as a control, and move when the rollout
   * completes; nobody where absent.
   */
  readonly holdbackPercent?: number;
  /** After 100%: the stable version stays warm and the guards armed for so long. */
  readonly bakeMs: number;
  /** After completion the old version is kept for a one-step revert for so long. */
  readonly warmMs: number;
  readonly guards: readonly Guard[];
  readonly forecast: ForecastPolicy;
  /** A stage holds while the candidate's actual share is off its own by more than this fraction of it. */
  readonly shareTolerance: number;
  /** What must not grow slowly. */
  readonly trends: readonly Trend[];
  /** What a stage does whose candidate has not the requests that it should, or not such as stable has. */
  readonly representative: "hold" | "warn";
  readonly keys: KeyPolicy;
  readonly audience: AudiencePolicy;
  readonly evidence: EvidencePolicy;
  readonly replay: ReplayPolicy;
  readonly trip: TripPolicy;
  readonly answers: AnswersPolicy;
  readonly lease: LeasePolicy;
  readonly priority: PriorityPolicy;
  /** `cut`: answers of the candidate that are under way when it is rolled back end there; they finish where absent. */
  readonly onRollback?: "cut";
  /** Whole request, first attempt and replay together. */
  readonly deadlineMs: number;
  /** Lessons of earlier incidents that it was made with; none where absent. */
  readonly lessons?: readonly LessonInForce[];
  /** The accepted baseline whose limits are among its guards; none where absent. */
  readonly baseline?: BaselineInForce;
};
