// The controller's part for notifications: who is told what, what has become of it, and tests.

import type { Notification } from "@slipway/core";
import type { NotificationsView, NotificationTest } from "@slipway/wire";
import type { ControllerPorts } from "../ports.ts";
import type { Keeper } from "../world/keeper.ts";
import type { Delivering } from "./delivering.ts";
import { notificationIn } from "./outbox-book.ts";
import { unknownNotification } from "./refusal.ts";

const SHOWN_MAX = 200;

export type OutboxParts = {
  readonly notifications: () => Promise<NotificationsView>;
  readonly notification: (number: number) => Promise<Notification>;
  readonly testNotifications: (request: NotificationTest) => Promise<readonly Notification[]>;
  /** One round of the loop that `run` has made: resolves when what was due has been tried. */
  readonly deliverDue: () => Promise<void>;
};

export function outboxParts(
  keeper: Keeper,
  { store }: ControllerPorts,
  delivering: Delivering,
): OutboxParts {
  return {
    notifications: async () => {
      const { settings, pending } = keeper.world().outbox;
      const stored = (await store.notifications(SHOWN_MAX)).map(notificationIn);
      const newest = new Set(stored.map(({ number }) => number));
      // What waits is shown however old it is.
      const older = [...pending.values()].filter(({ number }) => !newest.has(number));
      return {
        targets: settings.targets.map(({ name, way, occasions, models }) => ({
          ...{ name, kind: way.kind, occasions, models },
          pending: [...pending.values()].filter(({ target }) => target === name).length,
        })),
        notifications: [...stored, ...older.toReversed()],
      };
    },
    notification: async (number) => {
      const stored = await store.notification(number);
      if (stored === null) throw unknownNotification(number);
      return notificationIn(stored);
    },
    testNotifications: ({ target, by }) => delivering.test(target ?? null, by),
    deliverDue: delivering.round,
  };
}
