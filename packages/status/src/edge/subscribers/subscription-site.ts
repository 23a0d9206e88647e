// Where readers subscribe, confirm and unsubscribe: on the page's own server, so that it works while the controller does not.
// Who asks learns nothing of who else has subscribed.

import { isMailAddress, type StatusPage } from "@slipway/core";
import { faultOfUrl } from "@slipway/delivery/edge";
import { languageFor } from "../../strings/languages.ts";
import { stringsFor } from "../../subscribe/messages.ts";
import { managePage, saidPage, secretOf, subscribePage } from "../../subscribe/pages.ts";
import {
  ADDRESS_LENGTH_MAX,
  ASK_AGAIN_AFTER_MS,
  ASKED_MAX,
  CONFIRMED_MAX,
  type Subscriber,
  type SubscriptionWay,
  WEBHOOKS_PER_HOST_MAX,
} from "../../subscribe/subscriber.ts";
import { SAFETY, type SiteAnswer } from "../status-site.ts";
import { AskLimits } from "./ask-limits.ts";
import type { SubscriberDatabase } from "./database.ts";
import { pageIn } from "./page-data.ts";

type SubscriptionRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Of a POST; null where it is too long. */
  readonly body: string | null;
  readonly acceptLanguage: string;
  readonly client: string;
  readonly nowMs: number;
};

export type SubscriptionSite = {
  /** Null where the path is no matter of subscriptions. */
  readonly answer: (request: SubscriptionRequest) => Promise<SiteAnswer | null>;
};

export type SubscriptionSiteParts = {
  readonly dir: string;
  readonly database: SubscriberDatabase;
  readonly ways: readonly SubscriptionWay[];
  /** Why a webhook's URL is refused; null where it may be used. Strangers' may not lead into one's own network. */
  readonly faultOf?: (url: string) => string | null;
};

const PATHS = /^\/(?:(?<language>en|ko|ja|zh)\/)?(?<what>subscribe|subscription)\/$/;

export function createSubscriptionSite(parts: SubscriptionSiteParts): SubscriptionSite {
  const limits = new AskLimits();
  return {
    answer: async (request) => {
      const groups = PATHS.exec(request.path)?.groups;
      if (groups === undefined) return null;
      const page = await pageIn(parts.dir);
      if (page === null) return plain(503, "the status page has not been published yet\n");
      const { language = languageFor(request.acceptLanguage), what } = groups;
      const place = { page, strings: stringsFor(language) };
      if (request.method === "POST" && request.body === null) return plain(413, "too long\n");
      return what === "subscribe"
        ? subscribing(parts, limits, place, request)
        : managing(parts, place, request);
    },
  };
}

type Place = Parameters<typeof subscribePage>[0];

function subscribing(
  parts: SubscriptionSiteParts,
  limits: AskLimits,
  place: Place,
  { method, body, client, nowMs }: SubscriptionRequest,
): SiteAnswer {
  const { ways } = parts;
  const { subscription, tag } = place.strings;
  if (method !== "POST") return html(200, subscribePage(place, ways, null));
  const asked = askedIn(new URLSearchParams(body ?? ""), parts, place.page);
  if (asked === null) return html(400, subscribePage(place, ways, subscription.wrong));
  if (!limits.take(client, nowMs) || isFull(parts.database, asked)) {
    return html(429, subscribePage(place, ways, subscription.tooMany));
  }
  const known = parts.database.at(asked.way, asked.address);
  const isSettled = known?.state === "confirmed";
  const isRecent = known !== null && nowMs - known.askedAtMs < ASK_AGAIN_AFTER_MS;
  // One answer for all: it tells nobody who has subscribed.
  if (!isSettled && !isRecent) parts.database.ask({ ...asked, language: tag }, nowMs);
  return html(200, saidPage(place, subscription.asked));
}

type Asked = Pick<Subscriber, "way" | "address" | "components">;

function askedIn(
  form: URLSearchParams,
  { ways, faultOf = faultOfUrl }: SubscriptionSiteParts,
  { components }: StatusPage,
): Asked | null {
  const way = ways.find((one) => one === form.get("way"));
  const address = (form.get("address") ?? "").trim();
  if (way === undefined || address.length > ADDRESS_LENGTH_MAX) return null;
  if (way === "email" ? !isMailAddress(address) : faultOf(address) !== null) return null;
  const known = components.map(({ id }) => id);
  const wanted = form.getAll("component");
  const kept = known.filter((id) => wanted.includes(id));
  const whole = way === "email" ? address : new URL(address).href;
  return { way, address: whole, components: kept.length === known.length ? [] : kept };
}

function isFull(database: SubscriberDatabase, { way, address }: Asked): boolean {
  const { asked, confirmed } = database.counts();
  if (asked >= ASKED_MAX || confirmed >= CONFIRMED_MAX) return true;
  return way === "webhook" && database.webhooksOf(new URL(address).host) >= WEBHOOKS_PER_HOST_MAX;
}

/** A mail program that unsubscribes by one click posts to the link itself (RFC 8058); readers press a button. */
function managing(
  { database }: SubscriptionSiteParts,
  place: Place,
  { method, query, body }: SubscriptionRequest,
): SiteAnswer {
  const { subscription } = place.strings;
  const form = new URLSearchParams(body ?? "");
  const token = form.get("token") ?? new URLSearchParams(query).get("token") ?? "";
  const subscriber = database.byToken(token);
  if (subscriber === null) return html(404, saidPage(place, subscription.gone));
  if (method !== "POST") return html(200, managePage(place, subscriber));
  const isOneClick = form.get("List-Unsubscribe") === "One-Click";
  if (isOneClick || form.get("act") === "leave") {
    database.remove(subscriber.id);
    return html(200, saidPage(place, subscription.left));
  }
  if (form.get("act") !== "confirm") return html(400, managePage(place, subscriber));
  // The token is in every message, and the secret is for whoever confirmed alone.
  if (subscriber.state === "confirmed") return html(200, managePage(place, subscriber));
  database.confirm(subscriber.id);
  const secret = subscriber.way === "webhook" ? [secretOf(place, subscriber)] : [];
  return html(200, saidPage(place, subscription.confirmed, ...secret));
}

const HEADERS = {
  ...SAFETY,
  "content-security-policy": SAFETY["content-security-policy"].replace(
    "form-action 'none'",
    "form-action 'self'",
  ),
  "cache-control": "no-store",
};

function html(status: number, body: string): SiteAnswer {
  return { status, headers: { ...HEADERS, "content-type": "text/html; charset=utf-8" }, body };
}

function plain(status: number, body: string): SiteAnswer {
  return { status, headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" }, body };
}
