// Tells subscribers what is new on the page: it looks at the published files, and knows nothing of the controller. Each
// message is claimed before it is sent, tried again under the same id, and given up in the end.

import { type Answer, type Mailer, retryDelayMs, type StatusPage } from "@slipway/core";
import { webhookAnswer } from "@slipway/delivery";
import {
  ownPlaces,
  type Post,
  post,
  publicLookup,
  type Secrets,
  sendMail,
  signedHeaders,
} from "@slipway/delivery/edge";
import {
  type Announcement,
  announcementsIn,
  withoutHistory,
} from "../../subscribe/announcement.ts";
import { confirmHook, confirmMail, updateHook, updateMail } from "../../subscribe/messages.ts";
import {
  FAILURES_MAX,
  GIVE_UP_AFTER_MS,
  type Subscriber,
  type SubscriptionWay,
} from "../../subscribe/subscriber.ts";
import type { SubscriberDatabase, SubscriberDelivery } from "./database.ts";
import { pageOf, pageTextIn } from "./page-data.ts";

const LOOK_EVERY_MS = 1_000;
const FORGET_EVERY_MS = 60_000;
/** Messages under way at once. */
const AT_ONCE_MAX = { email: 8, webhook: 32 } as const;
const WAYS = ["email", "webhook"] as const;
const HOOK_TIMEOUT_MS = 5_000;
/** Longer than any attempt takes: until then no other process takes what this one has claimed. */
const CLAIM_MS = 90_000;

export type Announcing = {
  readonly dir: string;
  readonly database: SubscriberDatabase;
  readonly nowMs: () => number;
  readonly secrets: Secrets;
  /** Null: no mails. */
  readonly mail: Mailer | null;
  /** How webhooks' names become addresses; public ones alone where absent. */
  readonly lookup?: Post["lookup"];
  readonly hookTimeoutMs?: number;
  readonly log: (line: string) => void;
};

/** What is kept of an announcement, for whoever is sent it later. */
type Kept = { readonly page: StatusPage; readonly announcement: Announcement };

/** What a look knows of those before it. */
export type Seen = {
  /** A page that did not change has nothing new. */
  text: string;
  page: StatusPage | null;
  forgotAtMs: number;
  /** When somebody was reached last, by each way. */
  readonly reachedAtMs: Record<SubscriptionWay, number>;
};

export function nothingSeen(): Seen {
  const never = Number.NEGATIVE_INFINITY;
  return {
    text: "",
    page: null,
    forgotAtMs: never,
    reachedAtMs: { email: never, webhook: never },
  };
}

/** One look: what is new is put on its way, and what is due is tried. */
export async function announce(announcing: Announcing, seen: Seen): Promise<void> {
  await lookAtPage(announcing, seen);
  await Promise.all(WAYS.map((way) => sendDue(announcing, seen, way, () => false)));
}

/**
 * Looks, and sends, each second until it is stopped. Each way by itself: strangers' webhooks that take their time keep no
 * mail waiting, neither of this update nor of the next.
 */
export function runAnnouncing(announcing: Announcing): () => Promise<void> {
  const seen = nothingSeen();
  const stops = [
    repeat(announcing, () => lookAtPage(announcing, seen)),
    ...WAYS.map((way) =>
      repeat(announcing, (isStopped) => sendDue(announcing, seen, way, isStopped)),
    ),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

function repeat(
  { log }: Announcing,
  work: (isStopped: () => boolean) => Promise<void>,
): () => Promise<void> {
  let isStopped = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  const once = (): void => {
    last = work(() => isStopped)
      .then(
        () => {
          failures = 0;
        },
        (error: unknown) => {
          failures++;
          // The 1st, 2nd, 4th, 8th, … in a row: what stays wrong must not fill the log.
          if ((failures & (failures - 1)) === 0)
            log(`subscribers could not be told: ${String(error)}`);
        },
      )
      .finally(() => {
        if (!isStopped) timer = setTimeout(once, LOOK_EVERY_MS);
      });
  };
  once();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await last;
  };
}

async function lookAtPage({ dir, database, nowMs }: Announcing, seen: Seen): Promise<void> {
  const text = await pageTextIn(dir);
  if (text === null) return;
  const now = nowMs();
  if (text !== seen.text) {
    const page = pageOf(text);
    // Links in messages have to lead somewhere: a controller that was set up a moment ago does not know yet where.
    if (page.url === null) return;
    const kept = withoutHistory(page);
    database.tell(announcementsIn(page), {
      nowMs: now,
      textOf: (announcement) => JSON.stringify({ page: kept, announcement } satisfies Kept),
    });
    Object.assign(seen, { text, page: kept });
  }
  if (now - seen.forgotAtMs < FORGET_EVERY_MS) return;
  database.forget(now);
  seen.forgotAtMs = now;
}

/** What is due, until nothing is; whoever stops lets those that were begun end. */
async function sendDue(
  announcing: Announcing,
  seen: Seen,
  way: SubscriptionWay,
  isStopped: () => boolean,
): Promise<void> {
  const { database, nowMs } = announcing;
  while (!isStopped()) {
    const { page } = seen;
    const due = page === null ? [] : database.due(way, nowMs(), AT_ONCE_MAX[way]);
    if (page === null || due.length === 0) return;
    await Promise.all(due.map((delivery) => tried(announcing, seen, page, delivery)));
  }
}

async function tried(
  announcing: Announcing,
  { reachedAtMs }: Seen,
  page: StatusPage,
  delivery: SubscriberDelivery,
): Promise<void> {
  const { database, nowMs, log } = announcing;
  const { subscriber, attempts, number, giveUpAtMs } = delivery;
  const key = `${subscriber.id} ${delivery.told?.id ?? "confirm"}`;
  if (!database.claim(delivery, nowMs() + CLAIM_MS)) return;
  const answer = await sent(announcing, page, delivery);
  if (answer.ok) {
    reachedAtMs[subscriber.way] = nowMs();
    database.settle(delivery, 0);
    return;
  }
  const dueAtMs = nowMs() + retryDelayMs(key, attempts + 1, answer.retryAfterMs);
  if (dueAtMs <= giveUpAtMs) return database.postpone(number, dueAtMs);
  // Where nobody was reached in all that time it is the mail server, or the network, and no fault of the address.
  const isOfAddress = reachedAtMs[subscriber.way] >= giveUpAtMs - GIVE_UP_AFTER_MS;
  const failures = subscriber.failures + (isOfAddress ? 1 : 0);
  database.settle(delivery, failures);
  log(`a message to a subscriber by ${subscriber.way} was given up: ${answer.said}`);
  if (failures < FAILURES_MAX) return;
  database.remove(subscriber.id);
  log(
    `a subscription by ${subscriber.way} was ended: ${FAILURES_MAX} updates in a row did not reach it`,
  );
}

async function sent(
  announcing: Announcing,
  page: StatusPage,
  { subscriber, told }: SubscriberDelivery,
): Promise<Answer> {
  try {
    const kept = told === null ? null : (JSON.parse(told.text) as Kept);
    return subscriber.way === "email"
      ? await mailed(announcing, page, subscriber, kept)
      : await posted(announcing, page, subscriber, kept);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { ok: false, said, isOfReceiver: false, isFinal: false, retryAfterMs: null };
  }
}

async function mailed(
  { mail, secrets }: Announcing,
  page: StatusPage,
  subscriber: Subscriber,
  kept: Kept | null,
): Promise<Answer> {
  if (mail === null) throw new Error("nothing sends mails any more");
  const { from } = mail;
  const message =
    kept === null
      ? confirmMail(page, subscriber, from)
      : updateMail(kept.page, kept.announcement, subscriber, from);
  return await sendMail(mail, message, secrets, ownPlaces);
}

async function posted(
  { lookup = publicLookup, hookTimeoutMs = HOOK_TIMEOUT_MS, nowMs }: Announcing,
  page: StatusPage,
  subscriber: Subscriber,
  kept: Kept | null,
): Promise<Answer> {
  const atMs = nowMs();
  const body =
    kept === null
      ? confirmHook(page, subscriber, atMs)
      : updateHook(kept.page, kept.announcement, subscriber, atMs);
  const id =
    kept === null ? `confirm-${subscriber.id}` : `${kept.announcement.id}.${subscriber.id}`;
  // Nobody has the secret before they have confirmed.
  const headers =
    kept === null ? { "webhook-id": id } : signedHeaders(subscriber.secret, { id, atMs, body });
  return webhookAnswer(
    await post({
      url: new URL(subscriber.address),
      headers,
      body,
      lookup,
      timeoutMs: hookTimeoutMs,
    }),
  );
}
