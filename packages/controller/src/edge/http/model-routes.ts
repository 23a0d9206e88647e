// Routes for what is declared and who serves it: configuration, models, gateways.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  applyRequestSchema,
  applyResultSchema,
  memberViewSchema,
  modelViewSchema,
} from "@slipway/wire";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const putConfig = createRoute({
  method: "put",
  path: "/v1/config",
  summary: "Apply the whole configuration: models, versions, policies",
  description: "All of it or nothing. What is stable moves by rollouts only.",
  security: SECURITY,
  request: { body: jsonBody(named("ApplyRequest", applyRequestSchema)) },
  responses: { 200: json("Applied.", named("ApplyResult", applyResultSchema)), ...ERRORS },
});

const getModels = createRoute({
  method: "get",
  path: "/v1/models",
  summary: "List models",
  security: SECURITY,
  responses: {
    200: json("Every model, by name.", z.array(named("Model", modelViewSchema))),
    ...ERRORS,
  },
});

const getMembers = createRoute({
  method: "get",
  path: "/v1/members",
  summary: "List gateway workers",
  security: SECURITY,
  responses: {
    200: json("Every gateway worker that is known.", z.array(named("Member", memberViewSchema))),
    ...ERRORS,
  },
});

export function addModelRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(putConfig, async (c) => c.json(await controller.apply(c.req.valid("json")), 200));
  app.openapi(getModels, (c) => c.json([...controller.models()], 200));
  app.openapi(getMembers, (c) => c.json([...controller.members()], 200));
}
