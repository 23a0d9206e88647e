// The lessons of a model: accepted and dropped, and kept with the model for as long as there is one. They are in what its
// next rollout starts with.

import {
  canonicalJson,
  changeText,
  type Lesson,
  type LessonProposal,
  type Sooner,
} from "@slipway/core";
import { LESSONS_MAX } from "@slipway/wire";
import { type Draft, putModel } from "../draft.ts";
import {
  lessonInForce,
  lessonTakesPlace,
  tooManyLessons,
  unknownLesson,
  unknownModel,
} from "../refusal.ts";
import type { KnownModel, World } from "../world.ts";

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
  putModel(draft, { ...known, lessons: lessons.map((one) => (one === held ? dropped : one)) });
  return dropped;
}

function knownModel({ models }: Pick<World, "models">, name: string): KnownModel {
  const known = models.get(name);
  if (known === undefined) throw unknownModel(name);
  return known;
}
