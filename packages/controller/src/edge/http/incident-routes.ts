// Routes of incidents: what was derived from journals and evidence, a line each or one as a whole.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { incidentSchema, incidentSummarySchema } from "@slipway/wire";
import { type ApiParts, ERRORS, json, named, SECURITY } from "./route-parts.ts";

const DESCRIPTION =
  "Derived from the journal and the consumed ticks, beside the running controller.";

const getIncidents = createRoute({
  method: "get",
  path: "/v1/incidents",
  summary: "List incidents, the newest first",
  description: DESCRIPTION,
  security: SECURITY,
  request: {
    query: z.object({
      model: z.string().max(200).optional(),
      rollout: z.string().max(100).optional(),
    }),
  },
  responses: {
    200: json("At most 50.", z.array(named("IncidentSummary", incidentSummarySchema))),
    ...ERRORS,
  },
});

export const incidentParams: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z.string().max(120).openapi({
    description: "The rollout's id and the journal's entry that opened it.",
    example: "k2v8m4q0x7dz-12",
  }),
});

const getIncident = createRoute({
  method: "get",
  path: "/v1/incidents/{id}",
  summary: "Look at an incident: its times, its impact, its timeline",
  description: DESCRIPTION,
  security: SECURITY,
  request: { params: incidentParams },
  responses: { 200: json("As it is now.", named("Incident", incidentSchema)), ...ERRORS },
});

export function addIncidentRoutes(app: OpenAPIHono, { readings }: ApiParts): void {
  app.openapi(getIncidents, async (c) => {
    const { model = null, rollout = null } = c.req.valid("query");
    return c.json([...(await readings.incidents({ model, rolloutId: rollout }))], 200);
  });
  app.openapi(getIncident, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await readings.incident({ id }), 200);
  });
}
