// The part of the control API that is about what rollouts teach: lessons of incidents, checklists, baselines, and how rollouts
// do on the whole.

import type { Baseline, Checklist, Dora, Lesson } from "@slipway/core";
import {
  type BaselineChange,
  type BaselineView,
  baselineSchema,
  baselineViewSchema,
  checklistSchema,
  doraSchema,
  type LessonAccept,
  type LessonDrop,
  type LessonView,
  lessonSchema,
  lessonViewSchema,
} from "@slipway/wire";
import { type Call, listOf, READING_TIMEOUT_MS } from "./control-call.ts";

export class LearningClient {
  readonly #call: <T>(call: Call<T>) => Promise<T>;

  constructor(call: <T>(call: Call<T>) => Promise<T>) {
    this.#call = call;
  }

  lessons(incidentId: string): Promise<readonly LessonView[]> {
    const path = `/v1/incidents/${encodeURIComponent(incidentId)}/lessons`;
    return this.#call({ path, schema: listOf(lessonViewSchema), timeoutMs: READING_TIMEOUT_MS });
  }

  /** Tried once more before it is stored, with what that promises. */
  accept(incidentId: string, body: LessonAccept): Promise<Lesson> {
    const path = `/v1/incidents/${encodeURIComponent(incidentId)}/lessons`;
    const call = { method: "POST", path, schema: lessonSchema } as const;
    return this.#call({ ...call, body, timeoutMs: READING_TIMEOUT_MS });
  }

  /** Of a model, in force or dropped. */
  ofModel(model: string): Promise<readonly Lesson[]> {
    const path = `/v1/models/${encodeURIComponent(model)}/lessons`;
    return this.#call({ path, schema: listOf(lessonSchema) });
  }

  drop(model: string, body: LessonDrop): Promise<Lesson> {
    const path = `/v1/models/${encodeURIComponent(model)}/checklist/drop`;
    return this.#call({ method: "POST", path, body, schema: lessonSchema });
  }

  checklist(model: string): Promise<Checklist> {
    const path = `/v1/models/${encodeURIComponent(model)}/checklist`;
    return this.#call({ path, schema: checklistSchema, timeoutMs: READING_TIMEOUT_MS });
  }

  baseline(model: string): Promise<BaselineView> {
    const path = `/v1/models/${encodeURIComponent(model)}/baseline`;
    return this.#call({ path, schema: baselineViewSchema, timeoutMs: READING_TIMEOUT_MS });
  }

  /** Measured once more before it is stored. */
  changeBaseline(model: string, body: BaselineChange): Promise<Baseline> {
    const path = `/v1/models/${encodeURIComponent(model)}/baseline`;
    const call = { method: "POST", path, schema: baselineSchema } as const;
    return this.#call({ ...call, body, timeoutMs: READING_TIMEOUT_MS });
  }

  dora(model: string | null): Promise<Dora> {
    const path = model === null ? "/v1/dora" : `/v1/dora?model=${encodeURIComponent(model)}`;
    return this.#call({ path, schema: doraSchema, timeoutMs: READING_TIMEOUT_MS });
  }
}
