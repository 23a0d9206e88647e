// How a course ended, held against how it ought to have: one definition for rehearsals and for the benchmark.
import type { Ending } from "../scenario/scenario.ts";
import type { Course } from "./course.ts";

const HALF_PERCENT = 50;
/** Reasons to hold that time alone will end. */
const ONLY_TIME: ReadonlySet<string> = new Set(["hold", "requests", "confirmed", "covered"]);

/**
 * Rolled back, or kept from going on, before half of the users were on the candidate. A stage that was only not over when
 * the hours were has stopped nothing.
 */
export function isStopped({ end, shareMax, heldFor }: Course): boolean {
  const isOpen = end === "unfinished" && (heldFor === null || ONLY_TIME.has(heldFor));
  return end !== "completed" && shareMax < HALF_PERCENT && !isOpen;
}

export function endsAs(expected: Ending, course: Course): boolean {
  const { end, allUsersMs } = course;
  switch (expected) {
    case "completed":
      return allUsersMs !== null && (end === "completed" || end === "unfinished");
    case "stopped":
      return isStopped(course);
    case "rolled-back":
      return end === "rolled-back";
    case "held":
      return allUsersMs === null && end !== "rolled-back";
  }
}
