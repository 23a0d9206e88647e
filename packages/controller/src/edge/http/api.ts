// The control API: access, bodies, routes, errors, and the document that describes it.

import { OpenAPIHono } from "@hono/zod-openapi";
import { requireAccess } from "./access.ts";
import { addAnalysisRoutes } from "./analysis-routes.ts";
import { errorAnswer, errorBody, shapeErrors } from "./answer.ts";
import { addBacktestRoutes } from "./backtest-routes.ts";
import { addBaselineRoutes } from "./baseline-routes.ts";
import { addDriftRoutes } from "./drift-routes.ts";
import { addDrillRoutes } from "./drill-routes.ts";
import { addFreezeRoutes } from "./freeze-routes.ts";
import { addIncidentRoutes } from "./incident-routes.ts";
import { limitBody, requireJson } from "./json-body.ts";
import { addLinkRoutes } from "./link-routes.ts";
import { addMirrorRoutes } from "./mirror-routes.ts";
import { addModelRoutes } from "./model-routes.ts";
import { addNotificationRoutes } from "./notification-routes.ts";
import { addPreflightRoutes } from "./preflight-routes.ts";
import { addRolloutRoutes } from "./rollout-routes.ts";
import type { ApiParts } from "./route-parts.ts";
import { addStatusRoutes } from "./status-routes.ts";
import { addSystemRoutes } from "./system-routes.ts";

const ABOUT = {
  openapi: "3.1.0",
  info: {
    title: "Slipway control API",
    version: "1",
    description: "Model upgrades that are gated, gradual and reversible.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
};

export function createApi(parts: ApiParts, token: string | undefined): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw shapeErrors(result.error);
    },
  });
  app.onError((error, c) => errorAnswer(error, c, parts.log));
  app.notFound((c) =>
    c.json(
      errorBody("not_found", `nothing at ${c.req.method} ${c.req.path}`, "see /openapi.json"),
      404,
    ),
  );
  app.use(requireAccess(token));
  app.use(limitBody);
  app.use(requireJson);
  addModelRoutes(app, parts);
  addMirrorRoutes(app, parts);
  addPreflightRoutes(app, parts);
  addDriftRoutes(app, parts);
  addDrillRoutes(app, parts);
  addFreezeRoutes(app, parts);
  addBacktestRoutes(app, parts);
  addIncidentRoutes(app, parts);
  addAnalysisRoutes(app, parts);
  addBaselineRoutes(app, parts);
  addStatusRoutes(app, parts);
  addNotificationRoutes(app, parts);
  addRolloutRoutes(app, parts);
  addLinkRoutes(app, parts);
  addSystemRoutes(app, parts);
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "The value of SLIPWAY_TOKEN, where the controller has one.",
  });
  app.get("/openapi.json", (c) => c.json(app.getOpenAPI31Document(ABOUT)));
  return app;
}
