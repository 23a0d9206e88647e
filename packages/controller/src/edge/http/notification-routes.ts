// Routes for notifications: what has become of them, and tests.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { notificationSchema, notificationsViewSchema, notificationTestSchema } from "@slipway/wire";
import { type ApiParts, ERRORS, json, jsonBody, named, SECURITY } from "./route-parts.ts";

const notification = named("Notification", notificationSchema);

const getNotifications = createRoute({
  method: "get",
  path: "/v1/notifications",
  summary:
    "List targets, and notifications: what waits, and the newest that were delivered or failed",
  security: SECURITY,
  responses: {
    200: json("The newest first.", named("Notifications", notificationsViewSchema)),
    ...ERRORS,
  },
});

const getNotification = createRoute({
  method: "get",
  path: "/v1/notifications/{number}",
  summary: "Look at one notification",
  security: SECURITY,
  request: { params: z.object({ number: z.coerce.number().int().positive() }) },
  responses: { 200: json("It.", notification), ...ERRORS },
});

const testNotifications = createRoute({
  method: "post",
  path: "/v1/notifications/test",
  summary: "Send a marked test to one target, or to all, and wait for what they answer",
  security: SECURITY,
  request: { body: jsonBody(named("NotificationTest", notificationTestSchema)) },
  responses: { 200: json("What became of each.", z.array(notification)), ...ERRORS },
});

export function addNotificationRoutes(app: OpenAPIHono, { controller }: ApiParts): void {
  app.openapi(getNotifications, async (c) => c.json(await controller.notifications(), 200));
  app.openapi(getNotification, async (c) =>
    c.json(await controller.notification(c.req.valid("param").number), 200),
  );
  app.openapi(testNotifications, async (c) =>
    c.json([...(await controller.testNotifications(c.req.valid("json")))], 200),
  );
}
