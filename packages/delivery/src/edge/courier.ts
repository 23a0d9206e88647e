// The courier: takes one notification to its target, in the target's own form, and says what was answered.

import type { Answer, Mailer, Notice, Notification, Target } from "@slipway/core";
import { noticeMail } from "../formats/mail.ts";
import { pagerdutyAnswer, pagerdutyBody } from "../formats/pagerduty.ts";
import { slackAnswer, slackBody } from "../formats/slack.ts";
import { webhookAnswer, webhookBody } from "../formats/webhook.ts";
import { ownPlaces, type Places, postWithin } from "./place.ts";
import { POST_TIMEOUT_MS, post } from "./post.ts";
import { addressIn, type Secrets } from "./secret.ts";
import { signedHeaders } from "./signature.ts";
import { sendMail } from "./smtp.ts";

export type Courier = (sending: {
  readonly notification: Notification;
  readonly target: Target;
  readonly mail: Mailer | null;
  readonly pageUrl: string | null;
}) => Promise<Answer>;

export type CourierOptions = {
  readonly secrets: Secrets;
  readonly places: Places;
  readonly nowMs: () => number;
  readonly timeoutMs?: number;
};

export function createCourier(options: CourierOptions): Courier {
  const { secrets, places, nowMs, timeoutMs = POST_TIMEOUT_MS } = options;
  return async ({ notification, target, mail, pageUrl }) => {
    const { notice } = notification;
    const { way } = target;
    switch (way.kind) {
      case "slack": {
        const url = addressIn(await secrets(way.url, null));
        const body = slackBody(notice, pageUrl);
        return slackAnswer(await post({ url, headers: keyed(notice), body, timeoutMs }));
      }
      case "pagerduty": {
        const url = new URL(`${way.baseUrl}/v2/enqueue`);
        const routingKey = await secrets(way.routingKey, url.origin);
        return await called(notice, async (call) => {
          const body = pagerdutyBody(notice, { routingKey, call, pageUrl });
          return pagerdutyAnswer(await post({ url, headers: keyed(notice), body, timeoutMs }));
        });
      }
      case "webhook": {
        const isNamed = typeof way.url === "string";
        const url = addressIn(isNamed ? way.url : await secrets(way.url, null));
        const keys = await secrets(way.secret, null);
        const body = webhookBody(notice, pageUrl);
        const headers = signedHeaders(keys, { id: notice.id, atMs: nowMs(), body });
        return webhookAnswer(
          // An address that is a secret was granted as one.
          await postWithin(isNamed ? places : ownPlaces, {
            ...{ url, body, timeoutMs },
            headers: { ...keyed(notice), ...headers },
          }),
        );
      }
      case "email": {
        if (mail === null) return NO_MAIL;
        const { from } = mail;
        const to = notification.left ?? way.to;
        return await sendMail(mail, noticeMail(notice, { to, pageUrl, from }), secrets, places);
      }
    }
  };
}

const NO_MAIL: Answer = {
  ok: false,
  said: "slipway.yaml does not say how mails leave",
  isOfReceiver: false,
  isFinal: false,
  retryAfterMs: null,
};

function keyed({ id }: Notice): { readonly [name: string]: string } {
  return { "idempotency-key": id };
}

type Posting = (call: "trigger" | "acknowledge" | "resolve") => Promise<Answer>;

/** A test calls somebody, so that they see that it does, and ends it at once. */
async function called(notice: Notice, posting: Posting): Promise<Answer> {
  if (notice.occasion !== "test") return await posting(notice.call ?? "trigger");
  const triggered = await posting("trigger");
  if (!triggered.ok) return triggered;
  const resolved = await posting("resolve");
  const after = resolved.ok
    ? "and resolved at once"
    : `but it could not be resolved: ${resolved.said}`;
  return { ...triggered, said: `${triggered.said}, ${after}` };
}
