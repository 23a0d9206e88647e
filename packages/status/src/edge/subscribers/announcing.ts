// Tells subscribers what is new on the page: it looks at the published files, and knows nothing of the controller. Each
// message is claimed before it is sent, tried again under the same id, and given up in the end.

import { type Answer, type Mailer, retryDelayMs, type StatusPage } from "@slipway/core";
import { webhookAnswer } from "@slipway/delivery";
import {
  type Environment,
  type Post,
  post,
  publicLookup,
  sendMail,
  signedHeaders,
} from "@slipway/delivery/edge";
import {
  type Announcement,
  announcementsIn,
  withoutHistory,
} from "../../subscribe/announcement.ts";
import { confirmHook, confirmMail, updateHook, updateMail } from "../../subscribe/messages.ts";
import { FAILURES_MAX, type Subscriber } from "../../subscribe/subscriber.ts";
import type { SubscriberDatabase, SubscriberDelivery } from "./database.ts";
import { pageOf, pageTextIn } from "./page-data.ts";

const LOOK_EVERY_MS = 1_000;
const FORGET_EVERY_MS = 60_000;
/** Messages under way at once. */
const AT_ONCE_MAX = { email: 8, webhook: 32 } as const;
const HOOK_TIMEOUT_MS = 5_000;

export type Announcing = {
  readonly dir: string;
  readonly database: SubscriberDatabase;
  readonly nowMs: () => number;
  readonly env: Environment;
  /** Null: no mails. */
  readonly mail: Mailer | null;
  /** How webhooks' names become addresses; public ones alone where absent. */
  readonly lookup?: Post["lookup"];
  readonly log: (line: string) => void;
};

/** What is kept of an announcement, for whoever is sent it later. */
type Kept = { readonly page: StatusPage; readonly announcement: Announcement };

/** What a look knows of the one before: a page that did not change has nothing new. */
export type Seen = { text: string; page: StatusPage | null; forgotAtMs: number };

export function nothingSeen(): Seen {
  return { text: "", page: null, forgotAtMs: Number.NEGATIVE_INFINITY };
}

/** One look: what is new is put on its way, and what is due is tried. */
export async function announce(announcing: Announcing, seen: Seen): Promise<void> {
  const { dir, database, nowMs } = announcing;
  const text = await pageTextIn(dir);
  if (text === null) return;
  const page = text === seen.text && seen.page !== null ? seen.page : pageOf(text);
  // Links in messages have to lead somewhere: a controller that was set up a moment ago does not know yet where.
  if (page.url === null) return;
  const now = nowMs();
  const kept = withoutHistory(page);
  if (text !== seen.text) {
    database.tell(announcementsIn(page), {
      nowMs: now,
      textOf: (announcement) => JSON.stringify({ page: kept, announcement } satisfies Kept),
    });
    Object.assign(seen, { text, page });
  }
  if (now - seen.forgotAtMs >= FORGET_EVERY_MS) {
    database.forget(now);
    seen.forgotAtMs = now;
  }
  // Strangers' webhooks that take their time keep no mail waiting.
  await Promise.all(
    (["email", "webhook"] as const).map(async (way) => {
      for (;;) {
        const due = database.due(way, now, AT_ONCE_MAX[way]);
        if (due.length === 0) return;
        await Promise.all(due.map((delivery) => tried(announcing, kept, delivery)));
      }
    }),
  );
}

export function runAnnouncing(announcing: Announcing): () => Promise<void> {
  const seen = nothingSeen();
  let isStopped = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  const look = (): void => {
    last = announce(announcing, seen)
      .then(
        () => {
          failures = 0;
        },
        (error: unknown) => {
          failures++;
          // The 1st, 2nd, 4th, 8th, … in a row: what stays wrong must not fill the log.
          if ((failures & (failures - 1)) === 0)
            announcing.log(`subscribers could not be told: ${String(error)}`);
        },
      )
      .finally(() => {
        if (!isStopped) timer = setTimeout(look, LOOK_EVERY_MS);
      });
  };
  look();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await last;
  };
}

async function tried(
  announcing: Announcing,
  page: StatusPage,
  delivery: SubscriberDelivery,
): Promise<void> {
  const { database, nowMs, log } = announcing;
  const { subscriber, attempts, number, giveUpAtMs } = delivery;
  const key = `${subscriber.id} ${delivery.told?.id ?? "confirm"}`;
  if (!database.claim(delivery, nowMs() + retryDelayMs(key, attempts + 1, null))) return;
  const answer = await sent(announcing, page, delivery);
  if (answer.ok) {
    database.settle(delivery, true);
    return;
  }
  const dueAtMs = nowMs() + retryDelayMs(key, attempts + 1, answer.retryAfterMs);
  if (dueAtMs <= giveUpAtMs) return database.postpone(number, dueAtMs);
  const failures = database.settle(delivery, false);
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
    return { ok: false, said, isOfReceiver: false, retryAfterMs: null };
  }
}

async function mailed(
  { mail, env }: Announcing,
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
  return await sendMail(mail, message, env);
}

async function posted(
  { lookup = publicLookup, nowMs }: Announcing,
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
      timeoutMs: HOOK_TIMEOUT_MS,
    }),
  );
}
