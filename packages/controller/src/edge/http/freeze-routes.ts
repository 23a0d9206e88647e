// Routes for freezes: list, order, end.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { freezeEndSchema, freezeStartSchema, freezeViewSchema } from "@slipway/wire";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const views = z.array(named("Freeze", freezeViewSchema));
const answer = json("What holds now first, then what comes, then what is over.", views);

const getFreezes = createRoute({
  method: "get",
  path: "/v1/freezes",
  summary: "List freezes: windows of the configuration, and orders",
  security: SECURITY,
  responses: { 200: answer, ...ERRORS },
});

const postFreeze = createRoute({
  method: "post",
  path: "/v1/freezes",
  summary: "Freeze one model, or all: no rollout moves forwards",
  description: "Moves back always happen: by guards, by trips, and by command.",
  security: SECURITY,
  request: { body: jsonBody(named("FreezeStart", freezeStartSchema)) },
  responses: { 200: answer, ...ERRORS },
});

const endFreeze = createRoute({
  method: "post",
  path: "/v1/freezes/end",
  summary: "End the freeze that was ordered for one model, or for all",
  security: SECURITY,
  request: { body: jsonBody(named("FreezeEnd", freezeEndSchema)) },
  responses: { 200: answer, ...ERRORS },
});

export function addFreezeRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(getFreezes, (c) => c.json([...controller.freezes()], 200));
  app.openapi(postFreeze, async (c) =>
    c.json([...(await controller.startFreeze(c.req.valid("json")))], 200),
  );
  app.openapi(endFreeze, async (c) =>
    c.json([...(await controller.endFreeze(c.req.valid("json")))], 200),
  );
}
