// Routes for drills: begin, fault, end, look.

import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import {
  drillActSchema,
  drillEndingSchema,
  drillMissSchema,
  drillStartSchema,
  drillsViewSchema,
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

const drillsView = named("Drills", drillsViewSchema);
const body = jsonBody(named("DrillAct", drillActSchema));

const beginDrill = createRoute({
  method: "post",
  path: "/v1/models/{model}/drills",
  summary: "Begin to rehearse the way back: a stand-in of the model takes synthetic users",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("DrillStart", drillStartSchema)) },
  responses: { 201: json("Begun.", drillsView), ...ERRORS },
});

const faultDrill = createRoute({
  method: "post",
  path: "/v1/models/{model}/drills/fault",
  summary: "Say that the fault begins now",
  security: SECURITY,
  request: { params: modelName, body },
  responses: { 200: json("Time counts from here.", drillsView), ...ERRORS },
});

const endDrill = createRoute({
  method: "post",
  path: "/v1/models/{model}/drills/end",
  summary: "End a drill, and remember what it came to, or what broke it off",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("DrillEnding", drillEndingSchema)) },
  responses: { 200: json("Ended.", drillsView), ...ERRORS },
});

const missDrill = createRoute({
  method: "post",
  path: "/v1/models/{model}/drills/misses",
  summary: "Say that a drill by schedule could not be run, and why",
  description: "When none could for long, people are told; and once more when one can again.",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("DrillMiss", drillMissSchema)) },
  responses: { 201: json("Kept.", drillsView), ...ERRORS },
});

const getDrills = createRoute({
  method: "get",
  path: "/v1/models/{model}/drills",
  summary: "Look at the drills of a model",
  security: SECURITY,
  request: { params: modelName },
  responses: { 200: json("The oldest first.", drillsView), ...ERRORS },
});

export function addDrillRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(beginDrill, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.startDrill(model, c.req.valid("json")), 201);
  });
  app.openapi(faultDrill, async (c) =>
    c.json(await controller.faultDrill(c.req.valid("param").model), 200),
  );
  app.openapi(endDrill, async (c) => {
    const { model } = c.req.valid("param");
    const { by, because = null } = c.req.valid("json");
    return c.json(await controller.endDrill(model, by, because), 200);
  });
  app.openapi(missDrill, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.missDrill(model, c.req.valid("json")), 201);
  });
  app.openapi(getDrills, (c) => c.json(controller.drills(c.req.valid("param").model), 200));
}
