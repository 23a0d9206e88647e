// Messages to subscribers: mails in the reader's language, and webhooks in the shape that Statuspage's subscribers know.

import { type StatusPage, utcText } from "@slipway/core";
import { cut, type Mail } from "@slipway/delivery";
import { isoText } from "../html/moment.ts";
import { incidentTitle, namesOf, updateText } from "../incident-text.ts";
import { pageUrl } from "../page-url.ts";
import { incidentJson, maintenanceJson } from "../statuspage-json.ts";
import { EN } from "../strings/en.ts";
import { LANGUAGES } from "../strings/languages.ts";
import type { Strings } from "../strings/strings.ts";
import type { Announcement } from "./announcement.ts";
import type { Subscriber } from "./subscriber.ts";

const SUBJECT_MAX = 200;
const DOCUMENTATION = "https://www.standardwebhooks.com";

export function stringsFor(language: string): Strings {
  return LANGUAGES.find(({ tag }) => tag === language) ?? EN;
}

/** Where a subscriber confirms, and unsubscribes. */
function subscriptionUrl(
  page: StatusPage,
  { language, token }: Pick<Subscriber, "language" | "token">,
): string {
  return pageUrl(page, `${stringsFor(language).tag}/subscription/?token=${token}`);
}

export function confirmMail(page: StatusPage, subscriber: Subscriber, from: string): Mail {
  const { subscription } = stringsFor(subscriber.language);
  const url = subscriptionUrl(page, subscriber);
  return {
    to: [subscriber.address],
    subject: cut(subscription.confirmSubject(page.title), SUBJECT_MAX),
    text: `${subscription.confirmBody(page.title)}\n\n${url}\n\n${subscription.ignore}\n`,
    messageId: `confirm-${subscriber.id}-${subscriber.askedAtMs}@${domainOf(from)}`,
    references: null,
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

export function updateMail(
  page: StatusPage,
  announcement: Announcement,
  subscriber: Subscriber,
  from: string,
): Mail {
  const strings = stringsFor(subscriber.language);
  const { status, title, body, path, thread } = worded(page, announcement, strings);
  const leave = subscriptionUrl(page, subscriber);
  const names = namesOf(announcement.components, page).join(strings.listSeparator);
  const lines = [
    `${status}: ${title}`,
    body,
    [names === "" ? "" : `${strings.affects}: ${names}`, utcText(announcement.atMs)]
      .filter((line) => line !== "")
      .join("\n"),
    pageUrl(page, path),
    `${strings.subscription.leaveHint}\n${leave}`,
  ];
  const domain = domainOf(from);
  return {
    to: [subscriber.address],
    subject: cut(`[${page.title}] ${status}: ${title}`, SUBJECT_MAX),
    text: `${lines.filter((line) => line !== "").join("\n\n")}\n`,
    messageId: `${announcement.id}.${subscriber.id}@${domain}`,
    references: `${thread}.${subscriber.id}@${domain}`,
    headers: {
      "Auto-Submitted": "auto-generated",
      "List-Unsubscribe": `<${leave}>`,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
  };
}

type Worded = Readonly<Record<"status" | "title" | "body" | "path" | "thread", string>>;

function worded(page: StatusPage, { what }: Announcement, strings: Strings): Worded {
  const folder = `${strings.tag}/`;
  if (what.kind === "incident") {
    const { incident, update } = what;
    return {
      status: strings.status[update.status],
      title: incidentTitle(incident, page, strings),
      body: updateText(update, strings),
      path: `${folder}incidents/${incident.id}/`,
      thread: incident.id,
    };
  }
  const { id, title, text, status, fromMs, untilMs } = what.maintenance;
  const times = `${utcText(fromMs)} – ${utcText(untilMs)}`;
  const body = text === "" ? times : `${times}\n${text}`;
  return { status: strings.maintenance[status], title, body, path: `${folder}#${id}`, thread: id };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

export function confirmHook(page: StatusPage, subscriber: Subscriber, nowMs: number): string {
  return JSON.stringify({
    meta: metaOf(page, subscriber, nowMs),
    page: aboutPage(page),
    subscription: {
      state: "asked",
      confirm: subscriptionUrl(page, subscriber),
      text: EN.subscription.confirmBody(page.title),
    },
  });
}

export function updateHook(
  page: StatusPage,
  { what }: Announcement,
  subscriber: Subscriber,
  nowMs: number,
): string {
  const told =
    what.kind === "incident"
      ? { incident: incidentJson(page, what.incident) }
      : { scheduled_maintenance: maintenanceJson(page, what.maintenance) };
  return JSON.stringify({ meta: metaOf(page, subscriber, nowMs), page: aboutPage(page), ...told });
}

function metaOf(page: StatusPage, subscriber: Subscriber, nowMs: number): object {
  return {
    unsubscribe: subscriptionUrl(page, subscriber),
    documentation: DOCUMENTATION,
    generated_at: isoText(nowMs),
  };
}

function aboutPage({ indicator }: StatusPage): object {
  const status_description = EN.overall[indicator];
  return { id: "slipway", status_indicator: indicator, status_description };
}
