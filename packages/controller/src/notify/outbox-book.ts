// What the controller remembers of notifications: who is to be told, and what has not been delivered yet.

import { NO_NOTIFICATIONS, type Notification, type NotificationSettings } from "@slipway/core";
import type { Snapshot, StoredNotification } from "../store/store.ts";

export type Outbox = {
  readonly settings: NotificationSettings;
  /** By number, the oldest first. */
  readonly pending: ReadonlyMap<number, Notification>;
  /** The highest number that was given. */
  readonly last: number;
};

/** The name under which the store keeps the settings. */
export const SETTING = "notifications";

export function outboxFrom({ settings, notifications }: Snapshot): Outbox {
  const text = settings.find(({ name }) => name === SETTING)?.text;
  const pending = notifications.pending.map(notificationIn);
  return {
    settings: text === undefined ? NO_NOTIFICATIONS : (JSON.parse(text) as NotificationSettings),
    pending: new Map(pending.map((one) => [one.number, one])),
    last: notifications.last,
  };
}

export function notificationIn({ text }: StoredNotification): Notification {
  return JSON.parse(text) as Notification;
}
