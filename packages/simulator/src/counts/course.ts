// A rollout's course through a count-world, from its first stage to its end, under Slipway's own decisions or under
// another tool's rule: what the two are compared by.
import type { Evidence, Judgement, Rollout, RolloutEvent } from "@slipway/core";
import type { CountTick } from "./count-world.ts";

export type CourseEnd =
  /** Every user is on the candidate for good, by itself. */
  | "completed"
  | "rolled-back"
  /** It stopped and left it to a person. */
  | "held"
  /** The hours were over first. */
  | "unfinished";

export type CourseStep = {
  readonly atMs: number;
  /** In percent; 0 after a rollback. */
  readonly share: number;
  readonly because: string;
};

export type Course = {
  readonly end: CourseEnd;
  /** From the start to the end. */
  readonly endMs: number;
  /** When everybody who is not held back was on the candidate for the first time; null if never. */
  readonly allUsersMs: number | null;
  /** The largest share that the candidate ever had, in percent. */
  readonly shareMax: number;
  /** Whether it ever waited for a person to say. */
  readonly asked: boolean;
  /** Code of what it held for last; null where it never held. */
  readonly heldFor: string | null;
  /** Guard or check that ended it; null where it was none. */
  readonly by: string | null;
  /** Requests of the candidate. */
  readonly requests: number;
  /** Harmed requests of the candidate beyond what stable harmed in the same ticks. */
  readonly harmed: number;
  readonly steps: readonly CourseStep[];
};

/** A tick of a course under Slipway, as observers see it. */
export type CourseTick = {
  /** All requests of the tick, whether they were reported or not. */
  readonly drawn: CountTick;
  /** Of the users on the candidate while it was drawn, in percent. */
  readonly share: number;
  /** After what was decided. */
  readonly rollout: Rollout;
  readonly evidence: Evidence;
  /** Null while nobody decides. */
  readonly judgement: Judgement | null;
  readonly events: readonly RolloutEvent[];
};

/** Requests that the candidate harmed, over and above stable's share at the same time. */
export class Harm {
  #requests = 0;
  #harmed = 0;
  #expected = 0;
  #stable = { requests: 0, harmed: 0 };

  add({ counts: { candidate, stable } }: CountTick): void {
    this.#requests += candidate.requests;
    this.#harmed += candidate.harmed;
    this.#stable.requests += stable.requests;
    this.#stable.harmed += stable.harmed;
    const now = stable.requests > 0 ? stable : this.#stable;
    if (now.requests > 0) this.#expected += (candidate.requests * now.harmed) / now.requests;
  }

  get requests(): number {
    return this.#requests;
  }

  get harmed(): number {
    return Math.max(0, Math.round(this.#harmed - this.#expected));
  }
}
