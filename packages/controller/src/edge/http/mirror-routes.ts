// Routes for mirrors: start, stop, look.

import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { mirrorRequestSchema, mirrorStopSchema, mirrorViewSchema } from "@slipway/wire";
import {
  type ApiParts,
  ERRORS,
  json,
  jsonBody,
  modelName,
  named,
  SECURITY,
} from "./route-parts.ts";

const mirrorView = named("Mirror", mirrorViewSchema);

const putMirror = createRoute({
  method: "post",
  path: "/v1/models/{model}/mirror",
  summary: "Send copies of a model's requests to a version; nobody sees the answers",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("MirrorRequest", mirrorRequestSchema)) },
  responses: { 201: json("Started.", mirrorView), ...ERRORS },
});

const stopMirror = createRoute({
  method: "post",
  path: "/v1/models/{model}/mirror/stop",
  summary: "Stop mirroring a model's requests",
  security: SECURITY,
  request: { params: modelName, body: jsonBody(named("MirrorStop", mirrorStopSchema)) },
  responses: { 200: json("Stopped.", mirrorView), ...ERRORS },
});

const getMirror = createRoute({
  method: "get",
  path: "/v1/models/{model}/mirror",
  summary: "Look at the mirror of a model, or at its last one",
  security: SECURITY,
  request: { params: modelName },
  responses: { 200: json("As it is now.", mirrorView), ...ERRORS },
});

export function addMirrorRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(putMirror, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.startMirror(model, c.req.valid("json")), 201);
  });
  app.openapi(stopMirror, async (c) => {
    const { model } = c.req.valid("param");
    return c.json(await controller.stopMirror(model, c.req.valid("json")), 200);
  });
  app.openapi(getMirror, (c) => c.json(controller.mirror(c.req.valid("param").model), 200));
}
