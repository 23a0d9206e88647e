// Routes of what follows from an incident: what was behind it, what it teaches, what of that is in force, and how rollouts do
// on the whole.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { lessonId, withCases } from "@slipway/core";
import {
  analysisSchema,
  checklistSchema,
  doraSchema,
  lessonAcceptSchema,
  lessonDropSchema,
  lessonSchema,
  lessonViewSchema,
} from "@slipway/wire";
import { wrongCases } from "../../learning/refusal.ts";
import { unknownLesson } from "../../refusal.ts";
import { incidentParams } from "./incident-routes.ts";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const DESCRIPTION =
  "Derived from the journal and the consumed ticks, beside the running controller.";
const lesson = named("Lesson", lessonSchema);
const modelParams = z.object({ model: z.string().max(200) });

const getAnalysis = createRoute({
  method: "get",
  path: "/v1/incidents/{id}/analysis",
  summary: "Rank the causes of an incident by the share of its harm that each accounts for",
  description: DESCRIPTION,
  security: SECURITY,
  request: { params: incidentParams },
  responses: { 200: json("As it is now.", named("Analysis", analysisSchema)), ...ERRORS },
});

const getLessons = createRoute({
  method: "get",
  path: "/v1/incidents/{id}/lessons",
  summary: "Propose what to change after an incident, each tried on what was recorded",
  description: DESCRIPTION,
  security: SECURITY,
  request: { params: incidentParams },
  responses: {
    200: json("The likeliest to help first.", z.array(named("LessonView", lessonViewSchema))),
    ...ERRORS,
  },
});

const postLesson = createRoute({
  method: "post",
  path: "/v1/incidents/{id}/lessons",
  summary: "Accept a lesson: the model's next rollout starts with it",
  description: "A rollout that is under way keeps the policy that it started with.",
  security: SECURITY,
  request: {
    params: incidentParams,
    body: jsonBody(named("LessonAccept", lessonAcceptSchema)),
  },
  responses: { 200: json("In force.", lesson), ...ERRORS },
});

const getModelLessons = createRoute({
  method: "get",
  path: "/v1/models/{model}/lessons",
  summary: "Look at what was learnt of a model, in force or dropped",
  security: SECURITY,
  request: { params: modelParams },
  responses: { 200: json("In the order in which they were accepted.", z.array(lesson)), ...ERRORS },
});

const getChecklist = createRoute({
  method: "get",
  path: "/v1/models/{model}/checklist",
  summary: "Look at what was learnt of a model, and what each lesson has caught",
  description: DESCRIPTION,
  security: SECURITY,
  request: { params: modelParams },
  responses: { 200: json("As it is now.", named("Checklist", checklistSchema)), ...ERRORS },
});

const dropLesson = createRoute({
  method: "post",
  path: "/v1/models/{model}/checklist/drop",
  summary: "Drop a lesson: it stays on the checklist, and counts no longer",
  security: SECURITY,
  request: { params: modelParams, body: jsonBody(named("LessonDrop", lessonDropSchema)) },
  responses: { 200: json("Dropped.", lesson), ...ERRORS },
});

const getDora = createRoute({
  method: "get",
  path: "/v1/dora",
  summary: "How often rollouts fail, how soon that is seen, and how long until users are well",
  description: DESCRIPTION,
  security: SECURITY,
  request: { query: z.object({ model: z.string().max(200).optional() }) },
  responses: { 200: json("Over the newest 200.", named("Dora", doraSchema)), ...ERRORS },
});

export function addAnalysisRoutes(app: OpenAPIHono, { controller, readings }: ApiParts): void {
  app.openapi(getAnalysis, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await readings.analysis({ id }), 200);
  });
  app.openapi(getLessons, async (c) => {
    const { id } = c.req.valid("param");
    return c.json([...(await readings.lessons({ id, name: null }))], 200);
  });
  app.openapi(postLesson, async (c) => {
    const { id: incidentId } = c.req.valid("param");
    const { lesson: name, owner, reason, cases = [] } = c.req.valid("json");
    const [view] = await readings.lessons({ id: incidentId, name });
    if (view === undefined) throw unknownLesson(lessonId(incidentId, name));
    const { id, model, backtest, what, why } = view;
    const asked = withCases(view.change, cases);
    if ("problem" in asked) throw wrongCases(id, asked.problem);
    const { change } = asked;
    const accepting = {
      ...{ id, incidentId, model, owner, reason },
      proposal: { name, what, why, change },
      promised: backtest?.sooner ?? null,
    };
    return c.json(await controller.acceptLesson(accepting), 200);
  });
  app.openapi(getModelLessons, (c) =>
    c.json([...controller.lessons(c.req.valid("param").model)], 200),
  );
  app.openapi(getChecklist, async (c) => {
    const { model } = c.req.valid("param");
    const lessons = controller.lessons(model);
    return c.json(await readings.checklist({ model, lessons }), 200);
  });
  app.openapi(dropLesson, async (c) => {
    const { model } = c.req.valid("param");
    const { lesson: id, by, reason } = c.req.valid("json");
    return c.json(await controller.dropLesson({ model, id, by, reason }), 200);
  });
  app.openapi(getDora, async (c) => {
    const { model = null } = c.req.valid("query");
    return c.json(await readings.dora({ model }), 200);
  });
}
