// Routes of what follows from an incident: what was behind it.

import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { analysisSchema } from "@slipway/wire";
import { incidentParams } from "./incident-routes.ts";
import { type ApiParts, ERRORS, json, named, SECURITY } from "./route-parts.ts";

const getAnalysis = createRoute({
  method: "get",
  path: "/v1/incidents/{id}/analysis",
  summary: "Rank the causes of an incident by the share of its harm that each accounts for",
  description: "Derived from the consumed ticks, beside the running controller.",
  security: SECURITY,
  request: { params: incidentParams },
  responses: { 200: json("As it is now.", named("Analysis", analysisSchema)), ...ERRORS },
});

export function addAnalysisRoutes(app: OpenAPIHono, { readings }: ApiParts): void {
  app.openapi(getAnalysis, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await readings.analysis({ id }), 200);
  });
}
