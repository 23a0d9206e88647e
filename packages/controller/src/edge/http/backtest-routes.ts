// The route of backtests: recorded rollouts under another policy.

import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { backtestRequestSchema, backtestViewSchema } from "@slipway/wire";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const postBacktest = createRoute({
  method: "post",
  path: "/v1/backtest",
  summary: "Try recorded rollouts under another policy",
  description:
    "Changes nothing. Made from the journals and the consumed ticks, beside the controller.",
  security: SECURITY,
  request: { body: jsonBody(named("BacktestRequest", backtestRequestSchema)) },
  responses: {
    200: json("What would have happened.", named("Backtest", backtestViewSchema)),
    ...ERRORS,
  },
});

export function addBacktestRoutes(app: OpenAPIHono, { readings }: ApiParts): void {
  app.openapi(postBacktest, async (c) => c.json(await readings.backtest(c.req.valid("json")), 200));
}
