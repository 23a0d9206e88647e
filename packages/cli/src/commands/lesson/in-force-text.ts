// The lessons that a rollout starts with, beneath what is said of it.

import type { LessonInForce } from "@slipway/core";

/** Empty where there are none. */
export function lessonsInForceText(lessons: readonly LessonInForce[] = []): string {
  if (lessons.length === 0) return "";
  const lines = lessons.map(
    ({ id, what, owner, reason }) => `  ${what}\n    from ${id} (${owner}): ${reason}\n`,
  );
  return `\nlearnt from incidents\n${lines.join("")}`;
}
