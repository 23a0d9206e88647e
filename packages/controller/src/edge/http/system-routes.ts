// Routes about the controller itself: is it alive, does its store verify, what happens everywhere.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { verifyResultSchema } from "@slipway/wire";
import { streamSSE } from "hono/streaming";
import { followJournals } from "./follow.ts";
import { refuseHead } from "./refuse-head.ts";
import {
  type ApiParts,
  ERRORS,
  events,
  journalEntry,
  json,
  named,
  SECURITY,
} from "./route-parts.ts";

const getHealth = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Whether the controller runs",
  responses: {
    200: json(
      "It runs.",
      z.object({ status: z.literal("ok"), storeId: z.string(), table: z.number().int() }),
    ),
    ...ERRORS,
  },
});

const getVerify = createRoute({
  method: "get",
  path: "/v1/journal/verify",
  summary: "Verify every journal's hash chain, and make every decision again",
  security: SECURITY,
  responses: {
    200: json("What was found.", named("VerifyResult", verifyResultSchema)),
    ...ERRORS,
  },
});

const getEvents = createRoute({
  method: "get",
  path: "/v1/events",
  summary: "Follow the journals of all rollouts from now on",
  security: SECURITY,
  responses: { 200: events("Events named `entry`.", journalEntry), ...ERRORS },
});

export function addSystemRoutes(app: OpenAPIHono, parts: ApiParts): void {
  const { controller, readings } = parts;
  app.openapi(getHealth, (c) => {
    const { storeId, number } = controller.table();
    return c.json({ status: "ok" as const, storeId, table: number }, 200);
  });
  app.get("/metrics", async (c) =>
    c.text(await parts.metrics(), 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    }),
  );
  app.openapi(getVerify, async (c) => c.json(await readings.verify(), 200));
  app.use(getEvents.path, refuseHead);
  app.openapi(getEvents, (c) => {
    const follow = followJournals(parts);
    return streamSSE(c, follow);
  });
}
