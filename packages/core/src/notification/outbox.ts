// The rules of the outbox: what is tried next, how long after a failure, and when it is given up. What a receiver
// answered is told as one of two: it has the notice, or it does not for all that is known.

import { murmur3 } from "../murmur3.ts";
import type { Notice } from "./notice.ts";

export type Notification = {
  /** 1, 2, 3, … within the store. */
  readonly number: number;
  readonly target: string;
  readonly notice: Notice;
  readonly state: "pending" | "delivered" | "failed";
  /** How often it was begun to be sent. */
  readonly attempts: number;
  readonly dueAtMs: number;
  readonly giveUpAtMs: number;
  /** Recipients of a mail that it has not reached yet; all of them where absent. */
  readonly left?: readonly string[];
  /** What was said at the last attempt; null before it, and where its answer never came. */
  readonly said: string | null;
  readonly settledAtMs: number | null;
};

export type Answer =
  | { readonly ok: true; readonly said: string }
  | {
      readonly ok: false;
      readonly said: string;
      /** Whether it says something of the receiver, and not of this notice alone: then others wait as well. */
      readonly isOfReceiver: boolean;
      /** Whether it would be refused as often as it is sent: then it is given up at once. */
      readonly isFinal: boolean;
      /** Recipients of a mail that another attempt may reach, where some have it already or never will; all where absent. */
      readonly left?: readonly string[];
      /** As the receiver asked; null where it did not. */
      readonly retryAfterMs: number | null;
    };

export const RETRY_FIRST_MS = 5_000;
export const RETRY_MAX_MS = 300_000;
/** No receiver can have Slipway wait longer than this. */
export const RETRY_AFTER_MAX_MS = 3_600_000;
export const GIVE_UP_AFTER_MS: number = 24 * 3_600_000;
/** Of one target; what comes beyond fails at once, and says so. */
export const PENDING_MAX = 1_000;
/** That are settled, for people to look at: the newest. */
export const SETTLED_MAX = 1_000;

/** Doubled each time up to the most, and of that a half to the whole: receivers that were away are not all asked at once. */
export function retryDelayMs(
  /** Of what is sent to whom: the chance is drawn from it. */
  key: string,
  attempts: number,
  retryAfterMs: number | null,
): number {
  const whole = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.max(0, attempts - 1));
  const draw = murmur3(`${key} ${attempts}`) / 2 ** 32;
  const asked = Math.min(retryAfterMs ?? 0, RETRY_AFTER_MAX_MS);
  return Math.max(Math.round(whole * (0.5 + draw / 2)), asked);
}

/** How it stands after an attempt. */
export function afterAttempt(
  notification: Notification,
  answer: Answer,
  nowMs: number,
): Notification {
  const { attempts, giveUpAtMs, target, notice } = notification;
  const { said } = answer;
  if (answer.ok) return { ...notification, state: "delivered", said, settledAtMs: nowMs };
  const dueAtMs = nowMs + retryDelayMs(`${target} ${notice.id}`, attempts, answer.retryAfterMs);
  return answer.isFinal || dueAtMs > giveUpAtMs
    ? { ...notification, state: "failed", said, settledAtMs: nowMs }
    : {
        ...notification,
        dueAtMs,
        said,
        ...(answer.left === undefined ? {} : { left: answer.left }),
      };
}

/** What a target is sent next: the oldest that is due, of a thread in which nothing older waits. Null for nothing. */
export function nextFor(
  target: string,
  pending: Iterable<Notification>,
  nowMs: number,
): Notification | null {
  const held = new Set<string>();
  for (const notification of pending) {
    if (notification.target !== target) continue;
    const { thread } = notification.notice;
    if (notification.dueAtMs <= nowMs && !held.has(thread)) return notification;
    held.add(thread);
  }
  return null;
}
