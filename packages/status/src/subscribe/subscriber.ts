// Who has asked for updates of the status page, and the limits that keep others from misusing that.

import type { Announcement } from "./announcement.ts";

export type SubscriptionWay = "email" | "webhook";

export type Subscriber = {
  readonly id: string;
  readonly way: SubscriptionWay;
  /** Of mail, or the URL. */
  readonly address: string;
  /** Empty: all. */
  readonly components: readonly string[];
  readonly language: string;
  /** Who has it may confirm and end the subscription: it is sent to the address alone. */
  readonly token: string;
  /** What webhooks are signed with. */
  readonly secret: string;
  /** asked: nobody has confirmed yet that the address is theirs. */
  readonly state: "asked" | "confirmed";
  readonly askedAtMs: number;
  /** Updates in a row that did not reach it. */
  readonly failures: number;
};

/** Who does not confirm by then is forgotten. */
export const CONFIRM_WITHIN_MS = 86_400_000;
/** An address is not written to again before this. */
export const ASK_AGAIN_AFTER_MS = 3_600_000;
/** That wait for a confirmation; and that have confirmed. */
export const ASKED_MAX = 10_000;
export const CONFIRMED_MAX = 50_000;
/** Webhooks of one host. */
export const WEBHOOKS_PER_HOST_MAX = 20;
/** Requests to subscribe in an hour: of one client address, and of all. */
export const ASKS_PER_HOUR_MAX = 10;
export const ALL_ASKS_PER_HOUR_MAX = 500;
/** Updates in a row that an address may miss before its subscription ends. */
export const FAILURES_MAX = 5;
export const GIVE_UP_AFTER_MS = 86_400_000;
/** What is older when it is first seen is news no more: the server was away. */
export const NEWS_MS = 86_400_000;
export const ADDRESS_LENGTH_MAX = 320;

/** An update that names no component is everybody's. */
export function wantsUpdate(
  { components, state }: Subscriber,
  announcement: Pick<Announcement, "components">,
): boolean {
  if (state !== "confirmed") return false;
  const named = announcement.components;
  return (
    components.length === 0 || named.length === 0 || named.some((id) => components.includes(id))
  );
}
