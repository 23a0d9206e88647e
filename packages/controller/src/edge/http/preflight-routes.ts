// Routes for the evidence of gates: left by `slipway preflight`, asked when a rollout starts.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { evidenceRequestSchema, gateEvidenceSchema } from "@slipway/wire";
import {
  type ApiParts,
  ERRORS,
  json,
  jsonBody,
  modelName,
  named,
  SECURITY,
} from "./route-parts.ts";

const evidence = z.array(named("GateEvidence", gateEvidenceSchema));

const postEvidence = createRoute({
  method: "post",
  path: "/v1/models/{model}/preflights",
  summary: "Keep what gates found of two versions of a model",
  description: "In place of what the same gates found of the same versions before.",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("EvidenceRequest", evidenceRequestSchema)) },
  responses: { 201: json("Kept.", evidence), ...ERRORS },
});

const getEvidence = createRoute({
  method: "get",
  path: "/v1/models/{model}/preflights",
  summary: "Look at what gates have found of a model's versions",
  security: SECURITY,
  request: { params: modelName },
  responses: { 200: json("The oldest first.", evidence), ...ERRORS },
});

export function addPreflightRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(postEvidence, async (c) => {
    const { model } = c.req.valid("param");
    return c.json([...(await controller.keepEvidence(model, c.req.valid("json")))], 201);
  });
  app.openapi(getEvidence, (c) =>
    c.json([...controller.evidence(c.req.valid("param").model)], 200),
  );
}
