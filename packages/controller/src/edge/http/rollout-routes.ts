// Routes for rollouts: start, list, look, command, follow, read the journal.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  commandBodySchema,
  explanationSchema,
  forecastsViewSchema,
  planRequestSchema,
  planViewSchema,
  rolloutSummarySchema,
  startRequestSchema,
} from "@slipway/wire";
import { streamSSE } from "hono/streaming";
import { followRollout } from "./follow.ts";
import { refuseHead } from "./refuse-head.ts";
import { createRolloutFeed } from "./rollout-feed.ts";
import {
  type ApiParts,
  ERRORS,
  events,
  journalEntry,
  json,
  jsonBody,
  modelName,
  named,
  rolloutId,
  rolloutView,
  SECURITY,
} from "./route-parts.ts";

const startRollout = createRoute({
  method: "post",
  path: "/v1/rollouts",
  summary: "Start a rollout of a model to another version",
  security: SECURITY,
  request: { body: jsonBody(named("StartRequest", startRequestSchema)) },
  responses: { 201: json("Started.", rolloutView), ...ERRORS },
});

const postPlan = createRoute({
  method: "post",
  path: "/v1/models/{model}/plan",
  summary: "Say what to expect of a rollout before it begins",
  description:
    "Changes nothing. Figures that are not given are taken from the model's last rollout.",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("PlanRequest", planRequestSchema)) },
  responses: { 200: json("The plan.", named("Plan", planViewSchema)), ...ERRORS },
});

const getForecasts = createRoute({
  method: "get",
  path: "/v1/models/{model}/forecasts",
  summary: "List what was forecast of a model's stages, and how they then were",
  description: "The newest first, of the model's last rollouts.",
  security: SECURITY,
  request: { params: modelName },
  responses: { 200: json("Forecasts.", named("Forecasts", forecastsViewSchema)), ...ERRORS },
});

const getRollouts = createRoute({
  method: "get",
  path: "/v1/rollouts",
  summary: "List rollouts, the newest first",
  security: SECURITY,
  request: { query: z.object({ model: z.string().max(200).optional() }) },
  responses: {
    200: json("At most 200.", z.array(named("RolloutSummary", rolloutSummarySchema))),
    ...ERRORS,
  },
});

const getRollout = createRoute({
  method: "get",
  path: "/v1/rollouts/{id}",
  summary: "Look at a rollout",
  security: SECURITY,
  request: { params: rolloutId },
  responses: { 200: json("As it is now.", rolloutView), ...ERRORS },
});

const postCommand = createRoute({
  method: "post",
  path: "/v1/rollouts/{id}/commands",
  summary: "Pause, resume, approve, promote, step back, roll back or revert a rollout",
  description: "A revert after completion starts a rollout back, and answers with that one.",
  security: SECURITY,
  request: { params: rolloutId, body: jsonBody(named("Command", commandBodySchema)) },
  responses: { 200: json("Done.", rolloutView), ...ERRORS },
});

const getJournal = createRoute({
  method: "get",
  path: "/v1/rollouts/{id}/journal",
  summary: "Read a rollout's whole journal",
  security: SECURITY,
  request: { params: rolloutId },
  responses: { 200: json("Oldest first.", z.array(journalEntry)), ...ERRORS },
});

const getExplanation = createRoute({
  method: "get",
  path: "/v1/rollouts/{id}/explanation",
  summary: "Say why a rollout's decision was what it was",
  description: "Made again from the journal and the consumed ticks, beside the running controller.",
  security: SECURITY,
  request: {
    params: rolloutId,
    query: z.object({
      atMs: z.coerce.number().int().nonnegative().optional().openapi({
        description: "Milliseconds since the epoch; without it now, or the last decision.",
      }),
    }),
  },
  responses: { 200: json("Why.", named("Explanation", explanationSchema)), ...ERRORS },
});

const getEvents = createRoute({
  method: "get",
  path: "/v1/rollouts/{id}/events",
  summary: "Follow a rollout: its view whenever it changed, at most four a second",
  security: SECURITY,
  request: { params: rolloutId },
  responses: { 200: events("Events named `rollout`.", rolloutView), ...ERRORS },
});

export function addRolloutRoutes(app: OpenAPIHono, parts: ApiParts): void {
  const { controller, readings } = parts;
  const feed = createRolloutFeed(parts);
  app.openapi(startRollout, async (c) => c.json(await controller.start(c.req.valid("json")), 201));
  app.openapi(postPlan, async (c) => {
    const request = c.req.valid("json");
    const ask = controller.planning(c.req.valid("param").model, request.to);
    return c.json(await readings.plan({ ...ask, request }), 200);
  });
  app.openapi(getForecasts, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await readings.forecasts({ model: controller.known(model) }), 200);
  });
  app.openapi(getRollouts, async (c) => {
    const { model } = c.req.valid("query");
    return c.json([...(await controller.rollouts(model ?? null))], 200);
  });
  app.openapi(getRollout, async (c) =>
    c.json(await controller.rollout(c.req.valid("param").id), 200),
  );
  app.openapi(postCommand, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await controller.command(id, c.req.valid("json")), 200);
  });
  app.openapi(getJournal, async (c) =>
    c.json([...(await controller.journal(c.req.valid("param").id))], 200),
  );
  app.openapi(getExplanation, async (c) => {
    const { id } = c.req.valid("param");
    const atMs = c.req.valid("query").atMs ?? null;
    const nowMs = controller.nowMs();
    return c.json(await readings.explain({ rolloutId: id, atMs, nowMs }), 200);
  });
  app.use("/v1/rollouts/:id/events", refuseHead);
  app.openapi(getEvents, async (c) => {
    const { id } = c.req.valid("param");
    // An unknown rollout is refused before the stream begins.
    await controller.rollout(id);
    const follow = followRollout(parts, feed, id);
    return streamSSE(c, follow);
  });
}
