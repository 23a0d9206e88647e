// The part of the control API that is about notifications.

import type { Notification } from "@slipway/core";
import {
  type NotificationsView,
  type NotificationTest,
  notificationSchema,
  notificationsViewSchema,
} from "@slipway/wire";
import { type Call, listOf } from "./control-call.ts";

/** A receiver has ten seconds, a mail server a minute; all are asked at once. */
const TEST_TIMEOUT_MS = 90_000;

export class NotificationClient {
  readonly #call: <T>(call: Call<T>) => Promise<T>;

  constructor(call: <T>(call: Call<T>) => Promise<T>) {
    this.#call = call;
  }

  all(): Promise<NotificationsView> {
    return this.#call({ path: "/v1/notifications", schema: notificationsViewSchema });
  }

  one(number: number): Promise<Notification> {
    return this.#call({ path: `/v1/notifications/${number}`, schema: notificationSchema });
  }

  test(body: NotificationTest): Promise<readonly Notification[]> {
    return this.#call({
      method: "POST",
      path: "/v1/notifications/test",
      body,
      schema: listOf(notificationSchema),
      timeoutMs: TEST_TIMEOUT_MS,
    });
  }
}
