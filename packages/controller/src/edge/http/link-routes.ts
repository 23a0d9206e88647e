// The link: the two calls in which gateways and controller meet.

import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { acknowledgementSchema, frameSchema, tableSchema } from "@slipway/wire";
import { stream } from "hono/streaming";
import { followTable } from "./follow.ts";
import { refuseHead } from "./refuse-head.ts";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const getTable = createRoute({
  method: "get",
  path: "/v1/link/table",
  summary: "Follow the routing table",
  description: "One table a line: at once, and after every change. An empty line every 5 s.",
  security: SECURITY,
  responses: {
    200: {
      description: "Goes on until either side closes it.",
      content: { "application/x-ndjson": { schema: named("Table", tableSchema) } },
    },
    ...ERRORS,
  },
});

const postFrame = createRoute({
  method: "post",
  path: "/v1/link/frames",
  summary: "Report a frame of evidence, and renew the lease",
  security: SECURITY,
  request: { body: jsonBody(named("Frame", frameSchema)) },
  responses: {
    200: json("Stored, up to the sequence named.", named("Acknowledgement", acknowledgementSchema)),
    ...ERRORS,
  },
});

export function addLinkRoutes(app: OpenAPIHono, parts: ApiParts): void {
  // Registered and served apart: the typed route would take NDJSON for one JSON answer.
  app.openAPIRegistry.registerPath(getTable);
  app.use(getTable.path, refuseHead);
  app.get(getTable.path, (c) => {
    const follow = followTable(parts);
    c.header("content-type", "application/x-ndjson");
    return stream(c, follow);
  });
  app.openapi(postFrame, async (c) =>
    c.json(await parts.controller.acceptFrame(c.req.valid("json")), 200),
  );
}
