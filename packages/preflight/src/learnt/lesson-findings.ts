// What comes of the lessons that a gate looks after: a finding a lesson, and the gate's own finding with them. A lesson that
// is broken fails the gate, whatever else it found, and names its incident.

import {
  counted,
  gateOfChange,
  type LearntCase,
  type Lesson,
  type LessonFinding,
} from "@slipway/core";
import type { GateFinding } from "../gate.ts";
import { type CaseFinding, caseFinding, type Trial } from "./trial.ts";

/** `trials`: by the case's id. */
export function findingsOfCases(
  cases: readonly LearntCase[],
  trials: ReadonlyMap<string, readonly Trial[]>,
): readonly LessonFinding[] {
  const lessons = new Set(cases.map(({ lesson }) => lesson));
  return [...lessons].map((lesson): LessonFinding => {
    const own = cases
      .filter((one) => one.lesson === lesson)
      .map(({ id }, index) => ({
        called: `case ${index + 1}`,
        ...caseFinding(trials.get(id) ?? []),
      }));
    const worst =
      own.find(({ holds }) => holds === false) ?? own.find(({ holds }) => holds === null);
    return findingOf(lesson, {
      holds: worst === undefined ? true : worst.holds,
      because:
        worst === undefined
          ? `${counted(own.length, "case")} ${own.length === 1 ? "holds" : "hold"}`
          : `${worst.called}: ${worst.because}`,
    });
  });
}

/** With the incident that it was learnt from, and why it was accepted. */
export function findingOf(
  { id, incidentId, reason }: Lesson,
  { holds, because }: CaseFinding,
): LessonFinding {
  const from = `learnt from ${incidentId}: ${reason}`;
  return { id, holds, because: `${because} (${from})` };
}

/** Of the lesson that asks for the gate itself: it is kept where the gate passes. */
export function findingsOfGate(
  gate: string,
  { outcome, because }: GateFinding,
  learnt: readonly Lesson[],
): readonly LessonFinding[] {
  const holds = outcome === "fail" ? false : outcome === "inconclusive" ? null : true;
  return learnt
    .filter(({ change }) => change.kind === "gate" && gateOfChange(change) === gate)
    .map((lesson) => findingOf(lesson, { holds, because }));
}

/** `own`: what the gate found beside; null where nothing else was asked. */
export function findingWithLessons(
  own: GateFinding | null,
  lessons: readonly LessonFinding[],
): GateFinding {
  const worst =
    lessons.find(({ holds }) => holds === false) ?? lessons.find(({ holds }) => holds === null);
  const decides = worst !== undefined && own?.outcome !== "fail" && !isMoreOpen(own, worst);
  if (own !== null && !decides) return { ...own, lessons };
  const outcome = worst === undefined ? "pass" : worst.holds === false ? "fail" : "inconclusive";
  const because =
    worst?.because ??
    `${counted(lessons.length, "lesson")} of earlier incidents: ${lessons[0]?.because ?? ""}`;
  const { figures, details } = own ?? { figures: [], details: null };
  return { outcome, because, figures, details, lessons };
}

/** What the gate could not tell of itself is told before a lesson that it could not tell. */
function isMoreOpen(own: GateFinding | null, worst: LessonFinding): boolean {
  return own?.outcome === "inconclusive" && worst.holds === null;
}
