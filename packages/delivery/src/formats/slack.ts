// A notice as a message of a Slack incoming webhook, and what Slack answers.

import type { Answer, Notice } from "@slipway/core";
import { bodyText, type Posted, refused } from "../posted.ts";
import { cut, factLines } from "./message-text.ts";

/** Slack takes 3,000 characters in a section. */
const SECTION_MAX = 2_900;

export function slackBody(notice: Notice, pageUrl: string | null): string {
  const text = [`*${escaped(notice.title)}*`, escaped(notice.text)].filter((line) => line !== "**");
  const facts = factLines(notice, pageUrl).map(escaped).join("\n");
  return JSON.stringify({
    text: cut(escaped(notice.title), SECTION_MAX),
    blocks: [
      section("section", cut(text.join("\n").trim(), SECTION_MAX)),
      { type: "context", elements: [{ type: "mrkdwn", text: cut(facts, SECTION_MAX) }] },
    ],
  });
}

function section(type: string, text: string): object {
  return { type, text: { type: "mrkdwn", text } };
}

/** What people wrote must not call a channel or make a link. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** It says `ok` in so many letters; anything else with a 200 is somebody else, a proxy for example. */
export function slackAnswer(posted: Posted): Answer {
  const code = /^[a-z_]{2,60}$/.exec(bodyText(posted).trim())?.[0];
  if (posted.kind === "answered" && posted.status === 200) {
    return code === "ok"
      ? { ok: true, said: "200 ok" }
      : refused(posted, "this is not Slack's answer");
  }
  return refused(posted, code === undefined ? null : `Slack says ${code}`);
}
