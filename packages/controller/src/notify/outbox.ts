// The outbox in the world: who is to be told what, and what has not been delivered yet. A notice gets into it in the draft
// that causes it, so that both are stored or neither.

import {
  canonicalJson,
  type Notice,
  type Notification,
  type NotificationSettings,
  PENDING_MAX,
  SETTLED_MAX,
  type Target,
  wants,
  wordedFor,
} from "@slipway/core";
import type { Draft } from "../world/draft.ts";
import { SETTING } from "./outbox-book.ts";

export function putNotificationSettings(draft: Draft, settings: NotificationSettings): void {
  const text = canonicalJson(settings);
  if (text === canonicalJson(draft.outbox.settings)) return;
  draft.outbox = { ...draft.outbox, settings };
  draft.changes.push({ kind: "put-setting", name: SETTING, text });
}

/** Puts notices into the outbox, once for every target that wants them. */
export function tell(draft: Draft, notices: readonly Notice[]): void {
  for (const notice of notices) {
    for (const target of draft.outbox.settings.targets) {
      if (wants(target, notice)) post(draft, target, notice);
    }
  }
}

/** The notification's number. */
export function post(draft: Draft, target: Target, notice: Notice): number {
  const { pending, last } = draft.outbox;
  const number = last + 1;
  const waiting = [...pending.values()].filter((one) => one.target === target.name).length;
  const isFull = waiting >= PENDING_MAX;
  draft.outbox = { ...draft.outbox, last: number };
  putNotification(draft, {
    number,
    target: target.name,
    notice: wordedFor(target, notice),
    state: isFull ? "failed" : "pending",
    attempts: 0,
    dueAtMs: notice.atMs,
    // A test is tried once, at once: whoever asked waits for it.
    giveUpAtMs: notice.occasion === "test" ? notice.atMs : notice.atMs + target.giveUpAfterMs,
    said: isFull ? `not sent: ${PENDING_MAX} others wait for ${target.name}` : null,
    settledAtMs: isFull ? notice.atMs : null,
  });
  return number;
}

export function putNotification(draft: Draft, notification: Notification): void {
  const { number, state } = notification;
  const isPending = state === "pending";
  const pending = new Map(draft.outbox.pending);
  if (isPending) pending.set(number, notification);
  else pending.delete(number);
  draft.outbox = { ...draft.outbox, pending };
  const text = canonicalJson(notification);
  draft.changes.push({ kind: "put-notification", number, isPending, text });
  if (!isPending) draft.changes.push({ kind: "trim-notifications", kept: SETTLED_MAX });
}
