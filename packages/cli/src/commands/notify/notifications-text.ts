// Notifications as text: who is told what, what waits, and what became of the rest.

import { type Notification, OCCASIONS } from "@slipway/core";
import type { NotificationsView } from "@slipway/wire";
import { momentText } from "../../text/rollout-text.ts";
import { textColumns } from "../../text/text-columns.ts";

export function notificationsText({ targets, notifications }: NotificationsView): string {
  if (targets.length === 0 && notifications.length === 0) {
    return "nobody is told anything: write notifications in slipway.yaml\n";
  }
  const who = textColumns([
    ["TARGET", "BY", "PENDING", "EVENTS"],
    ...targets.map(({ name, kind, pending, occasions, models }) => [
      name,
      kind,
      `${pending}`,
      `${occasions.length === OCCASIONS.length ? "all" : occasions.join(" ")}${models.length === 0 ? "" : ` of ${models.join(", ")}`}`,
    ]),
  ]);
  if (notifications.length === 0) return `${who}\nnothing was to be told yet\n`;
  return `${who}\n${textColumns([
    ["NUMBER", "WHEN", "TARGET", "EVENT", "STATE", "ATTEMPTS", "SAID"],
    ...notifications.map((one) => [
      `${one.number}`,
      momentText(one.notice.atMs),
      one.target,
      one.notice.occasion,
      one.state,
      `${one.attempts}`,
      one.said ?? "",
    ]),
  ])}`;
}

export function notificationText(one: Notification): string {
  const { number, target, state, attempts, said, dueAtMs, giveUpAtMs, settledAtMs, notice } = one;
  return textColumns([
    ["notification", `${number}`],
    ["target", target],
    ["event", notice.occasion],
    ["id", notice.id],
    ["caused", momentText(notice.atMs)],
    ["state", settledAtMs === null ? state : `${state} ${momentText(settledAtMs)}`],
    ["attempts", `${attempts}`],
    ["said", said ?? "nothing yet"],
    ...(state === "pending"
      ? [
          ["next", momentText(dueAtMs)],
          ["given up", momentText(giveUpAtMs)],
        ]
      : []),
    ["title", notice.title],
    ...(notice.text === "" ? [] : [["text", notice.text]]),
  ]);
}

export function testsText(tests: readonly Notification[]): string {
  return textColumns([
    ["TARGET", "TEST", "SAID"],
    ...tests.map(({ target, state, said }) => [
      target,
      state === "delivered" ? "delivered" : "failed",
      said ?? "nothing",
    ]),
  ]);
}
