// Routes of what is said in public: remarks of incidents, maintenance, and the status page that follows from them.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  incidentActSchema,
  incidentRemarksViewSchema,
  maintenanceEndSchema,
  maintenanceRequestSchema,
  pageMaintenancesSchema,
  statusPageSchema,
} from "@slipway/wire";
import { incidentParams } from "./incident-routes.ts";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const remarks = json(
  "All that was said, the oldest first; the clock of the first post; and the post that lies ready.",
  named("IncidentRemarks", incidentRemarksViewSchema),
);
const maintenances = json(
  "All that there is, the latest first.",
  named("Maintenances", pageMaintenancesSchema),
);

const getRemarks = createRoute({
  method: "get",
  path: "/v1/incidents/{id}/remarks",
  summary: "Read what people and Slipway have said of an incident",
  security: SECURITY,
  request: { params: incidentParams },
  responses: { 200: remarks, ...ERRORS },
});

const postRemark = createRoute({
  method: "post",
  path: "/v1/incidents/{id}/remarks",
  summary: "Note, pin, hide, annotate, title, disclose, or post in public",
  description: "Appended, never changed: what is hidden can be shown again.",
  security: SECURITY,
  request: { params: incidentParams, body: jsonBody(named("IncidentAct", incidentActSchema)) },
  responses: { 200: remarks, ...ERRORS },
});

const getStatus = createRoute({
  method: "get",
  path: "/v1/status",
  summary: "Look at the status page as data, as it would be published now",
  security: SECURITY,
  responses: { 200: json("The page.", named("StatusPage", statusPageSchema)), ...ERRORS },
});

const postMaintenance = createRoute({
  method: "post",
  path: "/v1/maintenances",
  summary: "Announce maintenance",
  security: SECURITY,
  request: { body: jsonBody(named("MaintenanceRequest", maintenanceRequestSchema)) },
  responses: { 200: maintenances, ...ERRORS },
});

const endMaintenance = createRoute({
  method: "post",
  path: "/v1/maintenances/{id}/end",
  summary: "End maintenance before its time, or call it off",
  security: SECURITY,
  request: {
    params: z.object({ id: z.string().max(100) }),
    body: jsonBody(named("MaintenanceEnd", maintenanceEndSchema)),
  },
  responses: { 200: maintenances, ...ERRORS },
});

export function addStatusRoutes(app: OpenAPIHono, { controller, readings }: ApiParts): void {
  app.openapi(getRemarks, async (c) => {
    const incident = await readings.incident(c.req.valid("param"));
    return c.json(await controller.incidentRemarks(incident), 200);
  });
  app.openapi(postRemark, async (c) => {
    const incident = await readings.incident(c.req.valid("param"));
    return c.json(await controller.actOnIncident(incident, c.req.valid("json")), 200);
  });
  app.openapi(getStatus, async (c) => c.json(await controller.statusPage(), 200));
  app.openapi(postMaintenance, async (c) =>
    c.json(await controller.announceMaintenance(c.req.valid("json")), 200),
  );
  app.openapi(endMaintenance, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await controller.endMaintenance(id, c.req.valid("json")), 200);
  });
}
