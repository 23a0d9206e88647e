// The lessons of a model: accepted and dropped, and kept with the model for as long as there is one; of those that
// were dropped, the newest. Those in force are in what its next rollout starts with.

import {
  canonicalJson,
  changeText,
  type GateResult,
  type Lesson,
  type LessonProposal,
  type SeenVersion,
  type Sooner,
  takesPlace,
} from "@slipway/core";
import { LESSONS_MAX } from "@slipway/wire";
import {
  lessonInForce,
  lessonTakesPlace,
  tooManyLessons,
  unknownLesson,
  unknownModel,
} from "../refusal.ts";
import { type Draft, putModel } from "../world/draft.ts";
import type { KnownModel, World } from "../world/world.ts";

export type Accepting = {
  readonly proposal: LessonProposal;
  readonly id: string;
  readonly incidentId: string;
  readonly model: string;
  readonly promised: Sooner | null;
  readonly owner: string;
  readonly reason: string;
  readonly nowMs: number;
};

export type Dropping = {
  readonly model: string;
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly nowMs: number;
};

export function lessonsOfModel(
  { models }: Pick<World, "models">,
  model: string,
): readonly Lesson[] {
  return knownModel({ models }, model).lessons ?? [];
}

export function acceptLesson(draft: Draft, accepting: Accepting): Lesson {
  const { proposal, id, incidentId, model, promised, owner, reason, nowMs } = accepting;
  const known = knownModel(draft, model);
  const lessons = known.lessons ?? [];
  if (lessons.some((one) => one.id === id && one.dropped === null)) throw lessonInForce(id);
  if (lessons.filter(({ dropped }) => dropped === null).length >= LESSONS_MAX) {
    throw tooManyLessons(model, LESSONS_MAX);
  }
  const { name, what, why, change } = proposal;
  const other = lessons.find(
    (one) =>
      one.dropped === null &&
      takesPlace(change) &&
      changeText(one.change) === changeText(change) &&
      canonicalJson(one.change) !== canonicalJson(change),
  );
  // A policy takes the first of a name: the second would be in force by its word alone.
  if (other !== undefined) throw lessonTakesPlace(other.id, changeText(change));
  const lesson: Lesson = {
    ...{ name, what, why, change, id, incidentId, owner, reason, promised },
    acceptedAtMs: nowMs,
    dropped: null,
  };
  putModel(draft, { ...known, lessons: [...lessons, lesson] });
  return lesson;
}

export function dropLesson(draft: Draft, { model, id, by, reason, nowMs }: Dropping): Lesson {
  const known = knownModel(draft, model);
  const lessons = known.lessons ?? [];
  const held = lessons.find((one) => one.id === id && one.dropped === null);
  if (held === undefined) throw unknownLesson(id);
  const dropped: Lesson = { ...held, dropped: { atMs: nowMs, by, reason } };
  const after = lessons.map((one) => (one === held ? dropped : one));
  putModel(draft, { ...known, lessons: withoutLongDropped(after) });
  return dropped;
}

/** Kept of those that were dropped, for the checklist. */
const DROPPED_MAX = 50;

/** Those that were dropped first are forgotten first. */
function withoutLongDropped(lessons: readonly Lesson[]): readonly Lesson[] {
  const dropped = lessons
    .filter((one) => one.dropped !== null)
    .sort((a, b) => (b.dropped?.atMs ?? 0) - (a.dropped?.atMs ?? 0));
  const forgotten = new Set(dropped.slice(DROPPED_MAX));
  return lessons.filter((one) => !forgotten.has(one));
}

/** Of one lesson; the oldest are forgotten first. */
const STOPPED_MAX = 50;

/** What each lesson has caught before any user was there: a candidate counts once, however often its gates run. */
export function rememberStopped(
  draft: Draft,
  name: string,
  { version, fingerprint }: SeenVersion,
  results: readonly GateResult[],
  atMs: number,
): void {
  const known = knownModel(draft, name);
  const broken = results
    .flatMap(({ lessons = [] }) => lessons)
    .filter(({ holds }) => holds === false);
  if (broken.length === 0) return;
  const lessons = (known.lessons ?? []).map((lesson): Lesson => {
    const found = broken.find(({ id }) => id === lesson.id);
    const stopped = lesson.stopped ?? [];
    const isKnown = stopped.some((one) => one.fingerprint === fingerprint);
    if (found === undefined || lesson.dropped !== null || isKnown) return lesson;
    const one = { version, fingerprint, atMs, text: found.because };
    return { ...lesson, stopped: [...stopped, one].slice(-STOPPED_MAX) };
  });
  putModel(draft, { ...known, lessons });
}

function knownModel({ models }: Pick<World, "models">, name: string): KnownModel {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  return known;
}
