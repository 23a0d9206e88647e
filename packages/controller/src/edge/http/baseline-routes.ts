// Routes of baselines: what the version that has come to stay was measured at, and the limits that a person made of it.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { baselineChangeSchema, baselineSchema, baselineViewSchema } from "@slipway/wire";
import { noBaselineOf } from "../../learning/refusal.ts";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const modelParams = z.object({ model: z.string().max(200) });

const getBaseline = createRoute({
  method: "get",
  path: "/v1/models/{model}/baseline",
  summary:
    "Look at both versions of the last completed rollout side by side, and at the limits in force",
  description: "Measured from the consumed ticks, beside the running controller.",
  security: SECURITY,
  request: { params: modelParams },
  responses: { 200: json("As it is now.", named("BaselineView", baselineViewSchema)), ...ERRORS },
});

const postBaseline = createRoute({
  method: "post",
  path: "/v1/models/{model}/baseline",
  summary: "Accept what was measured as the model's baseline, or edit the limits in force",
  description: "The model's next rollout is judged by its limits; one under way is not.",
  security: SECURITY,
  request: {
    params: modelParams,
    body: jsonBody(named("BaselineChange", baselineChangeSchema)),
  },
  responses: { 200: json("In force.", named("Baseline", baselineSchema)), ...ERRORS },
});

export function addBaselineRoutes(app: OpenAPIHono, { controller, readings }: ApiParts): void {
  app.openapi(getBaseline, async (c) => {
    const { model } = c.req.valid("param");
    const all = controller.baselines(model);
    const proposed = await readings.sideBySide({ model });
    const inForce = all.at(-1) ?? null;
    return c.json({ model, proposed, inForce, earlier: all.slice(0, -1).toReversed() }, 200);
  });
  app.openapi(postBaseline, async (c) => {
    const { model } = c.req.valid("param");
    const { rolloutId, limits, by, reason } = c.req.valid("json");
    const measured = rolloutId === null ? null : await readings.sideBySide({ model });
    if (rolloutId !== null && measured?.rolloutId !== rolloutId) throw noBaselineOf(rolloutId);
    return c.json(await controller.setBaseline({ model, measured, limits, by, reason }), 200);
  });
}
