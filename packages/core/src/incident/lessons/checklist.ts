// A model's checklist: what was learnt, whose it is, whether it holds, and what each lesson has caught since.

import type { Move } from "../../rollout/event.ts";
import type { RecordedEvent } from "../episode.ts";
import type { Lesson } from "./lesson.ts";

export type Catch = {
  /** Null where a gate kept it from starting. */
  readonly rolloutId: string | null;
  /** The candidate. */
  readonly version: string;
  readonly atMs: number;
  readonly text: string;
};

export type ChecklistItem = {
  readonly lesson: Lesson;
  /** Rollouts that started with it. */
  readonly rollouts: number;
  /**
   * Those that it moved back, or that were moved back in the stage that it brought, and candidates that its gate kept from
   * starting; the newest first.
   */
  readonly caught: readonly Catch[];
};

export type Checklist = {
  readonly model: string;
  /** The newest rollouts that were looked through. */
  readonly rollouts: number;
  readonly items: readonly ChecklistItem[];
};

export type LookedThrough = {
  readonly rolloutId: string;
  readonly entries: readonly RecordedEvent[];
};

export function checklistOf(
  model: string,
  lessons: readonly Lesson[],
  rollouts: readonly LookedThrough[],
): Checklist {
  return {
    model,
    rollouts: rollouts.length,
    items: lessons.map((lesson) => {
      const under = rollouts.filter((one) => hasStartedWith(one, lesson));
      return {
        lesson,
        rollouts: under.length,
        caught: [...under.flatMap((one) => catchesIn(one, lesson)), ...stoppedBy(lesson)].toSorted(
          (a, b) => b.atMs - a.atMs,
        ),
      };
    }),
  };
}

function hasStartedWith({ entries }: LookedThrough, { id }: Lesson): boolean {
  const first = entries[0]?.event;
  if (first?.type !== "started") return false;
  return (first.rollout.policy.lessons ?? []).some((one) => one.id === id);
}

const BACK: ReadonlySet<Move["kind"]> = new Set(["roll-back", "step-back"]);

/** What a gate kept from starting is in no journal. */
function stoppedBy({ stopped = [] }: Lesson): readonly Catch[] {
  return stopped.map(({ version, atMs, text }) => ({ rolloutId: null, version, atMs, text }));
}

/** By its guard, or in its stage. */
function catchesIn({ rolloutId, entries }: LookedThrough, { change }: Lesson): readonly Catch[] {
  const first = entries[0]?.event;
  if (first?.type !== "started") return [];
  const { policy, to: version } = first.rollout;
  const { stages } = policy;
  let percent = 0;
  return entries.flatMap(({ event }): readonly Catch[] => {
    if (event.type !== "moved") return [];
    const { move, cause, atMs } = event;
    const was = percent;
    if (move.kind === "advance") percent = stages[move.stage]?.percent ?? 0;
    if (!BACK.has(move.kind)) return [];
    const isOwn =
      (change.kind === "guard" && cause.because.guard === change.guard.id) ||
      (change.kind === "stage" && was === change.stage.percent);
    return isOwn ? [{ rolloutId, version, atMs, text: cause.because.text }] : [];
  });
}
