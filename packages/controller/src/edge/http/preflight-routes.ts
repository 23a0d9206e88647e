// Routes for the evidence of gates: left by `slipway preflight`, asked when a rollout starts.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  evidenceRequestSchema,
  gateEvidenceSchema,
  leaseActSchema,
  leaseRequestSchema,
  preflightLeaseSchema,
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

const lease = named("PreflightLease", preflightLeaseSchema);
const leaseAct = jsonBody(named("LeaseAct", leaseActSchema));

const getLease = createRoute({
  method: "get",
  path: "/v1/models/{model}/preflights/lease",
  summary: "Look at who runs the gates of a model, or did last",
  security: SECURITY,
  request: { params: modelName },
  responses: { 200: json("Null where nobody ever did.", lease.nullable()), ...ERRORS },
});

const postLease = createRoute({
  method: "post",
  path: "/v1/models/{model}/preflights/lease",
  summary: "Begin to run gates: refused while somebody else does",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("LeaseRequest", leaseRequestSchema)) },
  responses: { 201: json("Held, until it expires.", lease), ...ERRORS },
});

const renewLease = createRoute({
  method: "post",
  path: "/v1/models/{model}/preflights/lease/renew",
  summary: "Go on running gates",
  security: SECURITY,
  request: { params: modelName, body: leaseAct },
  responses: { 200: json("Held, until it expires.", lease), ...ERRORS },
});

const endLease = createRoute({
  method: "post",
  path: "/v1/models/{model}/preflights/lease/end",
  summary: "Say that no gates run any more",
  security: SECURITY,
  request: { params: modelName, body: leaseAct },
  responses: { 200: json("The newest one.", lease.nullable()), ...ERRORS },
});

export function addPreflightRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(postEvidence, async (c) => {
    const { model } = c.req.valid("param");
    return c.json([...(await controller.keepEvidence(model, c.req.valid("json")))], 201);
  });
  app.openapi(getLease, (c) => c.json(controller.preflightLease(c.req.valid("param").model), 200));
  app.openapi(postLease, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.takeLease(model, c.req.valid("json")), 201);
  });
  app.openapi(renewLease, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.renewLease(model, c.req.valid("json").number), 200);
  });
  app.openapi(endLease, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.endLease(model, c.req.valid("json").number), 200);
  });
  app.openapi(getEvidence, (c) =>
    c.json([...controller.evidence(c.req.valid("param").model)], 200),
  );
}
