// A notice as an event of PagerDuty's Events API v2, and what that answers. Events of one thread share a dedup_key: what
// comes twice is one alert, and a resolve ends what a trigger began.

import type { Answer, Call, Notice } from "@slipway/core";
import { bodyText, type Posted, refused } from "../posted.ts";
import { cut } from "./message-text.ts";

/** As PagerDuty bounds them. */
const SUMMARY_MAX = 1_024;
const DEDUP_KEY_MAX = 255;

export type PagerdutyEvent = {
  readonly routingKey: string;
  readonly call: Call;
  readonly pageUrl: string | null;
};

export function pagerdutyBody(notice: Notice, event: PagerdutyEvent): string {
  const { routingKey, call, pageUrl } = event;
  return JSON.stringify({
    routing_key: routingKey,
    event_action: call,
    dedup_key: cut(`slipway-${notice.thread}`, DEDUP_KEY_MAX),
    client: "Slipway",
    payload: {
      summary: cut(notice.title, SUMMARY_MAX),
      source: notice.model ?? "slipway",
      severity: notice.urgency,
      timestamp: new Date(notice.atMs).toISOString(),
      class: notice.occasion,
      custom_details: { ...notice.facts, text: notice.text, id: notice.id },
    },
    ...(pageUrl === null ? {} : { links: [{ href: pageUrl, text: "Status page" }] }),
  });
}

export function pagerdutyAnswer(posted: Posted): Answer {
  if (posted.kind === "answered" && posted.status === 202) {
    return statusIn(bodyText(posted)) === "success"
      ? { ok: true, said: "202 success" }
      : refused(posted, "this is not PagerDuty's answer");
  }
  return refused(posted, null);
}

function statusIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "status" in value ? value.status : null;
  } catch {
    return null;
  }
}
