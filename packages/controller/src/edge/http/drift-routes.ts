// Routes for watches for drift: baselines, looks, and what they have come to.

import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import {
  driftBaselineRequestSchema,
  driftLookRequestSchema,
  driftMissSchema,
  driftViewSchema,
} from "@slipway/wire";
import {
  type ApiParts,
  ERRORS,
  json,
  jsonBody,
  modelName,
  named,
  SECURITY,
} from "./route-parts.ts";

const driftView = named("Drift", driftViewSchema);

const getDrift = createRoute({
  method: "get",
  path: "/v1/models/{model}/drift",
  summary: "Look at what is watched for change under an unchanged name",
  security: SECURITY,
  request: { params: modelName },
  responses: { 200: json("Every version, with its watch where it has one.", driftView), ...ERRORS },
});

const postBaseline = createRoute({
  method: "post",
  path: "/v1/models/{model}/drift/baselines",
  summary: "Take what a version answers now as what it is held against from now on",
  description:
    "An alarm of that version ends; that it was there stays, and voids what gates found before it.",
  security: SECURITY,
  request: {
    params: modelName,
    body: jsonBody(named("DriftBaselineRequest", driftBaselineRequestSchema)),
  },
  responses: { 201: json("Taken.", driftView), ...ERRORS },
});

const postLook = createRoute({
  method: "post",
  path: "/v1/models/{model}/drift/looks",
  summary: "Hold what a version answers now against its baseline",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("DriftLookRequest", driftLookRequestSchema)) },
  responses: { 201: json("Counted.", driftView), ...ERRORS },
});

const postMiss = createRoute({
  method: "post",
  path: "/v1/models/{model}/drift/misses",
  summary: "Say that a look by schedule could not be made, and why",
  description: "When none could for long, people are told; and once more when one can again.",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("DriftMiss", driftMissSchema)) },
  responses: { 201: json("Kept.", driftView), ...ERRORS },
});

export function addDriftRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(getDrift, (c) => c.json(controller.drift(c.req.valid("param").model), 200));
  app.openapi(postBaseline, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.takeDriftBaseline(model, c.req.valid("json")), 201);
  });
  app.openapi(postLook, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.lookForDrift(model, c.req.valid("json")), 201);
  });
  app.openapi(postMiss, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.missDriftLook(model, c.req.valid("json")), 201);
  });
}
